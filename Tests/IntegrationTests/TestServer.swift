import Subprocess
import SystemPackage

/// A server of a test's own, which it can stop and start again.
struct TestServer {
    let script: String
    let arguments: [String]
    let port: Int
    /// What makes it write its data and end.
    let end: Subprocess.Signal

    static func milvusLite(folder: String, port: Int) -> TestServer {
        TestServer(script: "milvus-lite.sh", arguments: [folder, "\(port)"], port: port, end: .interrupt)
    }

    static func kafka(folder: String, port: Int) -> TestServer {
        TestServer(script: "kafka.sh", arguments: [folder, "\(port)"], port: port, end: .terminate)
    }

    /// Milvus' RESTful API in front of a Milvus that is there.
    static func restGateway(port: Int, to uri: String, _ options: [String] = []) -> TestServer {
        TestServer(script: "rest-gateway.sh", arguments: ["\(port)", uri] + options, port: port, end: .terminate)
    }

    /// A Milvus that passes calls on to one that is there, and answers some of the writes with a fault.
    ///
    /// - Parameter times: how many writes get each of the faults; -1: all of them the first one.
    static func faultInjector(port: Int, to uri: String, faults: [String], times: Int) -> TestServer {
        TestServer(
            script: "fault-injector.sh", arguments: ["\(port)", uri, faults.joined(separator: ","), "\(times)"],
            port: port, end: .terminate)
    }

    /// A proxy that damages the streams which pass, until it has done so a number of times.
    static func faultyProxy(port: Int, to target: Int, seed: UInt64, faults: Int) -> TestServer {
        TestServer(
            script: "faulty-proxy.sh", arguments: ["\(port)", "\(target)", "\(seed)", "\(faults)"], port: port,
            end: .terminate)
    }

    /// A stub of Milvus that keeps the rows which it gets, and writes them to a file when it ends.
    static func recorder(port: Int, seed: Int, output: String) -> TestServer {
        TestServer(
            script: "recorder.sh", arguments: ["\(port)", "\(seed)", output], port: port, end: .terminate)
    }

    /// Prometheus' Pushgateway.
    static func pushgateway(port: Int) -> TestServer {
        TestServer(script: "pushgateway.sh", arguments: ["\(port)"], port: port, end: .terminate)
    }

    var address: String { "127.0.0.1:\(port)" }

    /// Where the data of a server that has some stays when it ends.
    var folder: String { arguments[0] }

    /// Runs the server for as long as `body` takes.
    func run<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await Subprocess.run(
            .path("/usr/bin/env"), arguments: Arguments([TestFolders.server(script)] + arguments), input: .none,
            output: .discarded, error: .discarded
        ) { process in
            _ = try await Command.output(
                of: TestFolders.server("wait-for-port.sh"),
                ["--pid", "\(process.processIdentifier.value)", "\(port)", "300"])
            let result = try await body()
            try process.send(signal: end)
            return result
        }.closureResult
    }
}
