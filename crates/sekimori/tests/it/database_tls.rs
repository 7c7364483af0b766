//! `serve` on PostgreSQL over TLS: the server's certificate comes from the named authority, or nothing is served.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// A throw-away cluster that speaks TLS only; stopped when it is dropped.
struct Cluster {
    folder: tempfile::TempDir,
    port: u16,
    server: Child,
}

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        authority(folder.path(), "ca");
        authority(folder.path(), "other");
        certificate(folder.path());
        if is_root() {
            done(Command::new("chown").args(["-R", "postgres"]).arg(folder.path()));
        }
        let initdb = ["-U", "sekimori", "-A", "trust", "-E", "UTF8", "--no-locale", "-N", "-D"];
        done(as_user("initdb").args(initdb).arg(at("data")));
        fs::write(at("data/pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\n").unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = as_user("postgres");
        server.arg("-D").arg(at("data")).arg("-k").arg(folder.path());
        server.args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "ssl=on", "-p", &port.to_string()]);
        let file = |name: &str, path: PathBuf| format!("{name}={}", path.display());
        server.args(["-c", &file("ssl_cert_file", at("server.pem")), "-c", &file("ssl_key_file", at("server.key"))]);
        let server = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let cluster = Self { folder, port, server };
        for _ in 0..300 {
            let mut probe = Command::new(format!("{BIN}/pg_isready"));
            probe.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            if probe.status().is_ok_and(|status| status.success()) {
                return cluster;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("PostgreSQL did not start");
    }

    /// A configuration that demands a certificate from this authority, for this name of the server.
    fn configuration(&self, name: &str, host: &str, authority: &str) -> PathBuf {
        let ca = self.folder.path().join(authority);
        let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/sodegaura");
        let database = format!(
            "postgres://sekimori@{host}:{}/postgres?sslmode=verify-full&sslrootcert={}",
            self.port,
            ca.display()
        );
        let text = format!("database = \"{database}\"\nlisten = \"127.0.0.1:0\"\npack = \"{}\"\n", pack.display());
        let file = self.folder.path().join(name);
        fs::write(&file, text).unwrap();
        file
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The fast way of PostgreSQL to stop is an interrupt.
        let _ = Command::new("kill").arg("-INT").arg(self.server.id().to_string()).status();
        let _ = self.server.wait();
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"))
}

/// A program of PostgreSQL, which refuses root.
fn as_user(program: &str) -> Command {
    let program = format!("{BIN}/{program}");
    let mut command = if is_root() { Command::new("setpriv") } else { Command::new(&program) };
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", &program]);
    }
    command.current_dir("/");
    command
}

fn done(command: &mut Command) {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A self-signed authority: `NAME.pem` and `NAME.key`.
fn authority(folder: &Path, name: &str) {
    let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
    let subject = format!("/CN=made-up authority {name}");
    let new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", &subject];
    done(Command::new("openssl").args(new).args(["-keyout", &key, "-out", &pem]).current_dir(folder));
}

/// The server's certificate for `localhost`, from the authority `ca`.
fn certificate(folder: &Path) {
    let run = |args: &[&str]| done(Command::new("openssl").args(args).current_dir(folder));
    run(&[
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-keyout",
        "server.key",
        "-out",
        "server.csr",
    ]);
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    run(&[
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names",
        "-out",
        "server.pem",
    ]);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(folder.join("server.key"), mode).unwrap();
}

fn serve(configuration: &Path) -> Command {
    let mut serve = Command::new(env!("CARGO_BIN_EXE_sekimori"));
    serve.args(["serve", "--lang", "ja", "--config"]).arg(configuration).stdout(Stdio::piped());
    serve
}

#[test]
fn the_database_is_reached_over_tls_with_a_certificate_that_is_known_and_not_otherwise() {
    let cluster = Cluster::start();
    let mut running = serve(&cluster.configuration("right.toml", "localhost", "ca.pem")).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let _ = running.kill();
    let _ = running.wait();
    assert!(line.starts_with("http://localhost:"), "it serves: {line:?}");

    let refused = |name: &str, host: &str, authority: &str| {
        let Output { status, stderr, .. } = serve(&cluster.configuration(name, host, authority)).output().unwrap();
        let said = String::from_utf8_lossy(&stderr).into_owned();
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(said.contains("PostgreSQLに接続できません") && said.contains("sslrootcert"), "{name}: {said}");
        said
    };
    refused("wrong.toml", "localhost", "other.pem");
    refused("name.toml", "127.0.0.1", "ca.pem");
    refused("missing.toml", "localhost", "nowhere.pem");
}
