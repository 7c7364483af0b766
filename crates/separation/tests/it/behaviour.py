# Four zones around one router, each a network namespace that has every address of its zone; the rule set on the router.
# Sends what `probes` lists, each as its own source port (or ICMP id), and prints what arrived, what was answered, and the
# rule set as nft reads it back afterwards. Input: JSON.
import ctypes, json, os, select, socket, struct, subprocess, sys, time

def run(*words): subprocess.run(words, check=True)

work = json.load(sys.stdin)
zones = work['zones']
FIRST = 20000
pids = {}

def namespace(name):
    child = subprocess.Popen(['unshare', '-n', 'sleep', '300'])
    mine = os.readlink('/proc/self/ns/net')
    for _ in range(500):
        try:
            if os.readlink(f'/proc/{child.pid}/ns/net') != mine: break
        except OSError: pass
        time.sleep(0.01)
    pids[name] = child

def inside(name, *words): run('nsenter', '-t', str(pids[name].pid), '-n', *words)

def enter(name):
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open(f'/proc/{pids[name].pid}/ns/net', os.O_RDONLY)
    if libc.setns(fd, 0x40000000): raise OSError(ctypes.get_errno(), 'setns')

# Without this, no address can be used until a second's listening has shown that nobody else has it.
NO_WAITING = ['sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad']

def build():
    run(*NO_WAITING)
    run('ip', 'link', 'set', 'lo', 'up')
    for number, (name, networks) in enumerate(zones.items()):
        namespace(name)
        inside(name, *NO_WAITING)
        run('ip', 'link', 'add', f'z{number}', 'type', 'veth', 'peer', 'name', 'eth', 'netns', str(pids[name].pid))
        run('ip', 'addr', 'add', f'192.0.2.{number * 4 + 1}/30', 'dev', f'z{number}')
        run('ip', '-6', 'addr', 'add', f'fd00:{number}::1/64', 'dev', f'z{number}', 'nodad')
        run('ip', 'link', 'set', f'z{number}', 'up')
        inside(name, 'ip', 'link', 'set', 'lo', 'up')
        inside(name, 'ip', 'addr', 'add', f'192.0.2.{number * 4 + 2}/30', 'dev', 'eth')
        inside(name, 'ip', '-6', 'addr', 'add', f'fd00:{number}::2/64', 'dev', 'eth', 'nodad')
        inside(name, 'ip', 'link', 'set', 'eth', 'up')
        inside(name, 'ip', 'route', 'add', 'default', 'via', f'192.0.2.{number * 4 + 1}')
        inside(name, 'ip', '-6', 'route', 'add', 'default', 'via', f'fd00:{number}::1')
        for network in networks:
            six = ['-6'] if ':' in network else []
            via = f'fd00:{number}::2' if six else f'192.0.2.{number * 4 + 2}'
            inside(name, 'ip', *six, 'route', 'add', 'local', network, 'dev', 'lo')
            run('ip', *six, 'route', 'add', network, 'via', via)
    open('/proc/sys/net/ipv4/ip_forward', 'w').write('1')
    open('/proc/sys/net/ipv6/conf/all/forwarding', 'w').write('1')
    # So that everybody knows his neighbours before the first packet that counts: few packets wait for an answer.
    for number in range(len(zones)):
        for family, address in ((socket.AF_INET, f'192.0.2.{number * 4 + 2}'), (socket.AF_INET6, f'fd00:{number}::2')):
            with socket.socket(family, socket.SOCK_DGRAM) as s: s.sendto(b'x', (address, 9))
    time.sleep(0.5)

def load():
    # Without being root outside, only some hundred rules fit into one message to the kernel.
    lines, most = work['rules'].splitlines(keepends=True), 250
    first = next((at for at, line in enumerate(lines) if line.startswith(('\t\tip saddr', '-A FORWARD -s'))), 0)
    if len(lines) < most: steps = [(work['load'], work['rules'])]
    elif work['load'][0] == 'nft':
        rules, foot = lines[first:-2], ''.join(lines[-2:])
        steps = [(work['load'], ''.join(lines[:first]) + foot)]
        more = lambda some: (work['load'], ''.join(f'add rule inet fw forward {rule.strip()}\n' for rule in some))
        steps += [more(rules[at:at + most]) for at in range(0, len(rules), most)]
    else:
        rules, foot = lines[first:-1], lines[-1]
        steps = [(work['load'], ''.join(lines[:first]) + foot)]
        more = lambda some: (work['load'] + ['--noflush'], '*filter\n' + ''.join(some) + foot)
        steps += [more(rules[at:at + most]) for at in range(0, len(rules), most)]
    for words, text in steps: subprocess.run(words, input=text, text=True, check=True)

def number_of(data, kind):
    if kind == 0x0800: protocol, rest = data[9], data[(data[0] & 15) * 4:]
    elif kind == 0x86dd: protocol, rest = data[6], data[40:]
    else: return None
    if protocol in (6, 17): return int.from_bytes(rest[0:2], 'big') - FIRST
    if protocol == 1 and rest[0] == 8 or protocol == 58 and rest[0] == 128: return int.from_bytes(rest[4:6], 'big') - FIRST
    return None

def listen(name, writer):
    enter(name)
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    os.write(writer, b'["ready"]\n')
    while True:
        data, where = raw.recvfrom(2048)
        if where[2] == 4 or where[0] == 'lo': continue
        number = number_of(data, where[1])
        if number is not None and 0 <= number < len(work['probes']): os.write(writer, (json.dumps([name, number]) + '\n').encode())

def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def echo(family, number):
    kind = 8 if family == socket.AF_INET else 128
    head = struct.pack('!BBHHH', kind, 0, 0, FIRST + number, 1)
    return struct.pack('!BBHHH', kind, 0, checksum(head), FIRST + number, 1)

def may_bind(s, family):
    # IPv6 asks for the address on an interface, which the whole zone is not; this lets it be (IPV6_FREEBIND).
    if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, 78, 1)

def send(name, probes, writer):
    enter(name)
    # This side of the link learns its neighbour too.
    at = list(zones).index(name)
    for family, address in ((socket.AF_INET, f'192.0.2.{at * 4 + 1}'), (socket.AF_INET6, f'fd00:{at}::1')):
        with socket.socket(family, socket.SOCK_DGRAM) as s: s.sendto(b'x', (address, 9))
    time.sleep(0.3)
    open_ones = {}
    for number, probe in probes:
        family = socket.AF_INET6 if ':' in probe['source'] else socket.AF_INET
        what = probe['protocol']
        try:
            if what == 'icmp':
                raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6)
                may_bind(raw, family)
                raw.bind((probe['source'], 0))
                raw.sendto(echo(family, number), (probe['destination'], 0))
                raw.close()
                continue
            s = socket.socket(family, socket.SOCK_STREAM if what == 'tcp' else socket.SOCK_DGRAM)
            s.setblocking(False)
            may_bind(s, family)
            s.bind((probe['source'], FIRST + number))
            if what == 'tcp':
                s.connect_ex((probe['destination'], probe['port']))
                open_ones[s] = number
            else:
                s.sendto(b'x', (probe['destination'], probe['port']))
                s.close()
        except OSError as error:
            os.write(writer, (json.dumps(['failed', number, str(error)]) + '\n').encode())
        time.sleep(0.001)
    # Long enough for a first packet that a busy machine lost to be sent again (after one second).
    time.sleep(2.5)
    # Nobody listens, so what came through is answered with a reset: refused. What the router threw away hears nothing.
    for s, number in open_ones.items():
        if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 111:
            os.write(writer, (json.dumps(['answered', number]) + '\n').encode())

try:
    build()
    load()
    reader, writer = os.pipe()
    listeners = []
    for name in zones:
        child = os.fork()
        if child == 0:
            try: listen(name, writer)
            finally: os._exit(0)
        listeners.append(child)
    stream = os.fdopen(reader)
    for _ in zones: assert stream.readline() == '["ready"]\n'
    senders = []
    for name in zones:
        mine = [(number, probe) for number, probe in enumerate(work['probes']) if probe['zone'] == name]
        child = os.fork()
        if child == 0:
            try: send(name, mine, writer)
            finally: os._exit(0)
        senders.append(child)
    os.close(writer)
    out = {'arrived': [], 'answered': [], 'failed': []}
    def collect():
        while select.select([stream], [], [], 0.2)[0]:
            line = stream.readline()
            if not line: return
            told = json.loads(line)
            if told[0] == 'answered': out['answered'].append(told[1])
            elif told[0] == 'failed': out['failed'].append(told[1:])
            else: out['arrived'].append(told)
    left = set(senders)
    while left:
        collect()
        for child in list(left):
            if os.waitpid(child, os.WNOHANG)[0]: left.discard(child)
    collect()
    for child in listeners: os.kill(child, 9)
    for line in stream:
        told = json.loads(line)
        if told[0] == 'answered': out['answered'].append(told[1])
        elif told[0] == 'failed': out['failed'].append(told[1:])
        else: out['arrived'].append(told)
    out['ruleset'] = json.loads(subprocess.run(['nft', '-j', 'list', 'ruleset'], capture_output=True, text=True, check=True).stdout)
    print(json.dumps(out))
finally:
    for child in pids.values(): child.kill()
