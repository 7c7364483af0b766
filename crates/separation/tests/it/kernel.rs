//! The Linux kernel as oracle: rule sets loaded in network namespaces, packets sent through them, answers compared with
//! the walker and with the diagrams.

use separation::address::{Address, Family};
use separation::dialects::{Options, read_configurations};
use separation::ir::State;
use separation::walk::{Packet, Sure, through_device};

use crate::city::TODAY;
use crate::compiled::in_namespace;

/// A small generator, so that the packets are the same on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[derive(Debug, Clone)]
struct Probe {
    source: u64,
    destination: u64,
    port: u64,
    tcp: bool,
}

/// The ways that a packet takes here: from namespace `a` over the router to namespace `b`. Every source and destination
/// address is the host's own, so that only the rules decide. A sender binds its address, a listener answers what arrives.
const HARNESS: &str = r#"
import ctypes, json, os, socket, subprocess, sys, threading, time
def run(*words): subprocess.run(words, check=True)
work = json.loads(os.environ['WORK'])
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
try:
    for name in 'ab': namespace(name)
    run('ip', 'link', 'set', 'lo', 'up')
    for name, net in (('a', 1), ('b', 2)):
        run('ip', 'link', 'add', f'to{name}', 'type', 'veth', 'peer', 'name', 'eth', 'netns', str(pids[name].pid))
        run('ip', 'addr', 'add', f'10.{net}.0.254/24', 'dev', f'to{name}')
        run('ip', 'link', 'set', f'to{name}', 'up')
        inside(name, 'ip', 'link', 'set', 'lo', 'up')
        for host in range(0, 16): inside(name, 'ip', 'addr', 'add', f'10.{net}.0.{host + 1}/24', 'dev', 'eth')
        inside(name, 'ip', 'link', 'set', 'eth', 'up')
        inside(name, 'ip', 'route', 'add', 'default', 'via', f'10.{net}.0.254')
    open('/proc/sys/net/ipv4/ip_forward', 'w').write('1')
    load = work['load']
    subprocess.run(load, input=work['rules'], text=True, check=True)
    arrived = set()
    reader, writer = os.pipe()
    listener = os.fork()
    if listener == 0:
        os.close(reader)
        enter('b')
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
        raw.settimeout(0.2)
        os.write(writer, b'ready\n')
        end = time.time() + 100
        while time.time() < end:
            try: data, where = raw.recvfrom(2048)
            except socket.timeout: continue
            if where[2] == 4: continue
            size = (data[0] & 15) * 4
            proto = data[9]
            if proto not in (6, 17): continue
            sport = int.from_bytes(data[size:size + 2], 'big')
            os.write(writer, f'{sport}\n'.encode())
        os._exit(0)
    os.close(writer)
    stream = os.fdopen(reader)
    assert stream.readline() == 'ready\n'
    sender = os.fork()
    if sender == 0:
        enter('a')
        for number, probe in enumerate(work['probes']):
            tcp = probe['tcp']
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
            s.setblocking(False)
            s.bind((f"10.1.0.{probe['source'] + 1}", 20000 + number))
            try:
                if tcp: s.connect_ex((f"10.2.0.{probe['destination'] + 1}", probe['port']))
                else: s.sendto(b'x', (f"10.2.0.{probe['destination'] + 1}", probe['port']))
            except OSError: pass
            time.sleep(0.002)
            s.close()
        time.sleep(0.5)
        os._exit(0)
    os.waitpid(sender, 0)
    os.kill(listener, 9)
    os.waitpid(listener, 0)
    for line in stream:
        arrived.add(int(line) - 20000)
    print(json.dumps(sorted(arrived)))
finally:
    for child in pids.values(): child.kill()
"#;

fn compare(seed: u64, load: &[&str], rules: &str, name: &str) {
    let mut numbers = Numbers(seed);
    let probes: Vec<Probe> = (0..400)
        .map(|_| Probe {
            source: numbers.below(16),
            destination: numbers.below(16),
            port: 1 + numbers.below(40),
            tcp: numbers.below(2) == 0,
        })
        .collect();
    let listed: Vec<serde_json::Value> = probes
        .iter()
        .map(|probe| serde_json::json!({"source": probe.source, "destination": probe.destination, "port": probe.port, "tcp": probe.tcp}))
        .collect();
    let work = serde_json::json!({"load": load, "rules": rules, "probes": listed}).to_string();
    let script = format!("export WORK='{}'; exec python3 -", work.replace('\'', "'\\''"));
    let arrived: Vec<usize> = serde_json::from_str(in_namespace(&script, HARNESS).trim()).unwrap();
    let read = read_configurations("fw", vec![(name.to_owned(), rules.as_bytes().to_vec())], &Options::default());
    assert!(read.device.unread.is_empty() && read.problems.is_empty(), "{:?}", read.problems);
    let mut passed = 0;
    for (number, probe) in probes.iter().enumerate() {
        let address = |net: u64, host: u64| Address::parse(&format!("10.{net}.0.{}", host + 1)).unwrap().number;
        let packet = Packet {
            family: Family::Ip4,
            protocol: if probe.tcp { 6 } else { 17 },
            source: address(1, probe.source),
            destination: address(2, probe.destination),
            source_port: u16::try_from(20_000 + number).unwrap(),
            destination_port: u16::try_from(probe.port).unwrap(),
            flags: if probe.tcp { 2 } else { 0 },
            state: State::New,
        };
        let (sure, _, trail) = through_device(&read.device, &packet, (Some("toa"), Some("tob")), TODAY.on, (0, 0));
        let kernel = arrived.contains(&number);
        assert_eq!(
            sure == Sure::Yes,
            kernel,
            "the kernel says {kernel} to {packet}; we say {sure:?} because of {trail:?}\n{rules}"
        );
        passed += usize::from(kernel);
    }
    assert!(passed > 20 && passed < 380, "rules that pass {passed} of 400 packets prove little");
}

#[test]
fn nftables_does_what_we_say() {
    for seed in 1..=4 {
        let mut numbers = Numbers(seed);
        let mut rules = String::from(
            "table inet fw {\n set some { type ipv4_addr; flags interval; elements = { 10.1.0.3-10.1.0.6, 10.1.0.9 } }\n set pairs { type ipv4_addr . inet_service; elements = { 10.2.0.4 . 7, 10.2.0.5 . 9 } }\n",
        );
        for chain in ["sub", "forward"] {
            rules += &format!(" chain {chain} {{\n");
            if chain == "forward" {
                rules += "  type filter hook forward priority filter; policy drop;\n  ct state vmap { established : accept, related : accept, invalid : drop }\n";
            }
            for _ in 0..9 {
                let (low, span) = (1 + numbers.below(14), numbers.below(6));
                let (port, width) = (1 + numbers.below(30), numbers.below(12));
                let kind = numbers.below(7);
                let matching = match kind {
                    0 => "ip saddr @some".to_owned(),
                    1 => "ip daddr . tcp dport @pairs".to_owned(),
                    2 => format!("ip saddr != 10.1.0.{low}"),
                    3 => "iifname \"to*\" oifname != { \"toa\", \"xyz\" }".to_owned(),
                    4 => "meta l4proto { tcp, udp } th dport { 3, 5-8, 30 }".to_owned(),
                    5 => "tcp flags syn / syn,ack ct state new".to_owned(),
                    _ => format!("ip daddr 10.2.0.{low}-10.2.0.{}", low + span),
                };
                // nft refuses a second protocol in one rule.
                let service = match if matches!(kind, 1 | 4 | 5) { 2 } else { numbers.below(3) } {
                    0 => format!("tcp dport {port}-{}", port + width),
                    1 => format!("udp dport {port}-{}", port + width),
                    _ => format!("ip saddr 10.1.0.{low}-10.1.0.{}", low + span),
                };
                let verdict = match (chain, numbers.below(6)) {
                    ("forward", 0) => "jump sub",
                    ("forward", 1) => "goto sub",
                    (_, 2) => "counter drop",
                    (_, 3) => "return",
                    _ => "accept",
                };
                rules += &format!("  {matching} {service} {verdict}\n");
            }
            rules += " }\n";
        }
        rules += "}\n";
        compare(seed, &["nft", "-f", "-"], &rules, "fw.nft");
    }
}

#[test]
fn iptables_does_what_we_say() {
    for seed in 11..=14 {
        let mut numbers = Numbers(seed);
        let mut rules = String::from(
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:SUB - [0:0]\n-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n",
        );
        for _ in 0..18 {
            let (low, span) = (1 + numbers.below(14), numbers.below(6));
            let (port, width) = (1 + numbers.below(30), numbers.below(12));
            let chain = if numbers.below(2) == 0 { "FORWARD" } else { "SUB" };
            let (protocol, option) = if numbers.below(2) == 0 { ("tcp", "-m tcp") } else { ("udp", "-m udp") };
            let matching = match numbers.below(5) {
                0 => format!("-m iprange --src-range 10.1.0.{low}-10.1.0.{}", low + span),
                1 => format!("! -s 10.1.0.{low}/32"),
                2 => "-i to+ ! -o toa".to_owned(),
                3 => format!("-d 10.2.0.{}/29", low & 8),
                _ => format!("-m multiport --dports {port},{}:{}", port + 1, port + 1 + width),
            };
            let service = format!("{option} --dport {port}:{}", port + width);
            let target = match (chain, numbers.below(6)) {
                ("FORWARD", 0) => "-j SUB",
                ("FORWARD", 1) => "-g SUB",
                (_, 2) => "-j DROP",
                (_, 3) => "-j RETURN",
                _ => "-j ACCEPT",
            };
            rules += &format!("-A {chain} -p {protocol} {matching} {service} {target}\n");
        }
        rules += "COMMIT\n";
        compare(seed, &["iptables-restore"], &rules, "fw.rules");
    }
}
