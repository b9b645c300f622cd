import Foundation

/// What `target.milvus.uri` says.
enum MilvusAddress {
    case server(host: String, port: Int, isEncrypted: Bool)
    /// The data of an embedded Milvus Lite, by its absolute path.
    case folder(path: String)
}

extension Form<MilvusAddress> {
    private static var kinds: String {
        "`http://HOST:PORT`, `https://HOST:PORT` or the path of an embedded Milvus Lite such as `./milvus.db`"
    }

    /// None of its sentences repeats the text: a password may stand in it.
    static var milvusAddress: Self {
        .scalar { scalar, reader throws(Misfit) in
            if scalar.text.contains("://") {
                return try server(scalar.text)
            }
            guard scalar.text.contains("/") || scalar.text.hasSuffix(".db") else {
                let isHost = scalar.written.wholeMatch(of: /[A-Za-z0-9.-]+(:[0-9]+)?/) != nil
                throw Misfit("must be \(kinds)", suggestion: isHost ? "http://\(scalar.written)" : nil)
            }
            return .folder(path: reader.location.absolute(scalar.text))
        }
    }

    private static func server(_ text: String) throws(Misfit) -> MilvusAddress {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme)
        else { throw Misfit("must be \(kinds)") }
        guard parts.user == nil, parts.password == nil else {
            throw Misfit("must not hold a user or a password; give them as `token: user:password`")
        }
        guard ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil else {
            throw Misfit("must end after the port; a database has its own key `database`")
        }
        let port = parts.port ?? (scheme == "https" ? 443 : 19530)
        guard (1...65_535).contains(port) else {
            throw Misfit("must have a port from 1 to 65535")
        }
        let address = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return .server(host: address, port: port, isEncrypted: scheme == "https")
    }
}
