# One question to another program: may anything that no flow lists go from 10.1.0.0/16 to 10.3.0.0/16, over these rules?
# usage: peers.py z3|aclcheck RULES.json SECONDS; prints the CPU time after reading, and what was answered. SECONDS of CPU.
import ipaddress, json, os, resource, sys, time

program, file, patience = sys.argv[1], sys.argv[2], int(sys.argv[3])
rules = json.load(open(file))
ZONES = ('10.1.0.0/16', '10.3.0.0/16')

def with_z3():
    import z3
    source, destination, port = z3.BitVec('source', 32), z3.BitVec('destination', 32), z3.BitVec('port', 16)
    def inside(number, span): return z3.And(z3.UGE(number, span[0]), z3.ULE(number, span[1]))
    def zone(number, network):
        network = ipaddress.ip_network(network)
        return inside(number, (int(network[0]), int(network[-1])))
    decision = z3.BoolVal(False)
    for of, to, ports, permit in reversed(rules):
        decision = z3.If(z3.And(inside(source, of), inside(destination, to), inside(port, ports)), z3.BoolVal(permit), decision)
    before = time.process_time()
    solver = z3.Solver()
    solver.add(zone(source, ZONES[0]), zone(destination, ZONES[1]), decision)
    answer = solver.check()
    took = time.process_time() - before
    if answer != z3.sat: return took, f'{answer}'
    model = solver.model()
    one = ipaddress.ip_address(model.eval(source, True).as_long()), ipaddress.ip_address(model.eval(destination, True).as_long())
    return took, f'one packet, no line: {one[0]} > {one[1]}:{model.eval(port, True).as_long()}'

def with_aclcheck():
    from aerleon.lib import aclcheck, naming, policy
    names, terms = {}, []
    def network(span):
        found = list(ipaddress.summarize_address_range(*map(ipaddress.ip_address, span)))
        return names.setdefault(tuple(map(str, found)), f'N{len(names)}')
    services = {}
    for number, (of, to, ports, permit) in enumerate(rules):
        service = services.setdefault(tuple(ports), f'S{len(services)}')
        action = 'accept' if permit else 'deny'
        terms.append(f'term t{number} {{\n source-address:: {network(of)}\n destination-address:: {network(to)}\n destination-port:: {service}\n protocol:: tcp\n action:: {action}\n}}\n')
    definitions = naming.Naming()
    definitions.ParseNetworkList([line for networks, name in names.items() for line in [f'{name} = {networks[0]}', *(f'    {more}' for more in networks[1:])]])
    definitions.ParseServiceList([f'{name} = {low}-{high}/tcp' if low != high else f'{name} = {low}/tcp' for (low, high), name in services.items()])
    text = 'header {\n comment:: "rules"\n target:: cisco CITY extended\n}\n' + '\n'.join(terms)
    parsed = policy.ParsePolicy(text, definitions, optimize=False, shade_check=False)
    before = time.process_time()
    check = aclcheck.AclCheck(parsed, src=ZONES[0], dst=ZONES[1], sport='any', dport='any', proto='tcp')
    took = time.process_time() - before
    exact, partly = len(check.ExactMatches()), len(check.Matches())
    return took, f'{partly} terms match somehow, {exact} for all packets; says nothing of which packets'

# A child does it, so that one that takes too long can be ended in the middle of a computation.
child = os.fork()
if child:
    _, status = os.waitpid(child, 0)
    if status: print(f'no answer in {patience} s')
    sys.exit(0)
resource.setrlimit(resource.RLIMIT_CPU, (patience, patience))
took, answer = with_z3() if program == 'z3' else with_aclcheck()
print(f'{took:.6f} {answer}')
