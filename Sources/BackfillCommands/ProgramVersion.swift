import Foundation
import HTTPTransport
import KafkaReader
import Zstd

let programVersion = "0.1.0"

/// What the program is made of, for a report of a fault.
enum ProgramVersion {
    /// The libraries are those that the process runs with, which need not be the ones it was built with.
    static var text: String {
        """
        milvus-backfill \(programVersion)
        librdkafka \(KafkaLibrary.version), libcurl \(HTTPLibrary.version), libzstd \(ZstdLibrary.version)
        Swift \(compiler), \(ProcessInfo.processInfo.operatingSystemVersionString), \(architecture)
        """
    }

    /// The compiler does not tell more of itself.
    private static var compiler: String {
        #if compiler(>=6.4)
            "6.4 or newer"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "another architecture"
        #endif
    }
}
