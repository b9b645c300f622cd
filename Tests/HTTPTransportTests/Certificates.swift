import Foundation

/// Certificates for a server at 127.0.0.1 and for a client, by an authority of their own, and by another one.
struct Certificates {
    let folder: String

    var authority: String { "\(folder)/ca.pem" }
    var otherAuthority: String { "\(folder)/other.pem" }
    var server: String { "\(folder)/server.pem" }
    var serverKey: String { "\(folder)/server.key" }
    var client: String { "\(folder)/client.pem" }
    var clientKey: String { "\(folder)/client.key" }
    /// The client's key with a passphrase.
    var lockedKey: String { "\(folder)/locked.key" }

    /// Makes them with the `openssl` program.
    init(in folder: String) throws {
        self.folder = folder
        let script = """
            set -e
            cd "$1"
            new="openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
            for name in ca other; do $new -x509 -days 2 -subj "/CN=$name" -keyout $name.key -out $name.pem; done
            echo "subjectAltName=IP:127.0.0.1" > names
            for name in server client; do
                $new -subj "/CN=$name" -keyout $name.key -out $name.csr
                openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \\
                    -out $name.pem
            done
            openssl pkey -in client.key -aes256 -passout pass:word -out locked.key
            """
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", script, "sh", folder]
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        shell.waitUntilExit()
        guard shell.terminationStatus == 0 else {
            throw TestServerError(action: "openssl", code: shell.terminationStatus)
        }
    }
}
