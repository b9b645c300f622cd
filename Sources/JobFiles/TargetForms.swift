import BackfillCore

extension Form<MilvusTarget> {
    /// `target`
    static var target: Self {
        .section { (target: Section<JobFileKeys.Target>, _) in
            target.section(.milvus, .milvus) ?? MilvusTarget(endpoint: .embedded(path: ""), collection: "")
        }
    }

    /// `target.milvus`
    private static var milvus: Self {
        .section { (milvus: Section<JobFileKeys.Milvus>, _) in
            let endpoint = endpoint(milvus)
            let wireProtocol: MilvusTarget.WireProtocol = milvus.value(.protocol, .choice) ?? .grpc
            if case .embedded(let path) = endpoint, !path.isEmpty, wireProtocol == .rest {
                milvus.report(.protocol, "must be `grpc` with an embedded Milvus Lite, which speaks nothing else")
            }
            let collection = milvus.require(.collection, .text) ?? ""
            let alias = milvus.value(.alias, .text)
            if alias == collection {
                milvus.report(.alias, "must be another name than `collection`, for which it is to stand")
            }
            return MilvusTarget(
                endpoint: endpoint, wireProtocol: wireProtocol,
                token: milvus.value(.token, .secret),
                database: milvus.value(.database, .text),
                collection: collection,
                partition: milvus.value(.partition, .text),
                alias: alias,
                create: milvus.value(.create, .collectionRecipe))
        }
    }

    private static func endpoint(_ milvus: Section<JobFileKeys.Milvus>) -> MilvusTarget.Endpoint {
        let tls = milvus.value(.tls, .tls)
        let address = milvus.require(.uri, .milvusAddress)
        if case .server(let host, let port, isEncrypted: true) = address {
            return .remote(host: host, port: port, tls: tls ?? TLSOptions())
        }
        if address != nil, milvus.has(.tls) {
            milvus.report(.tls, "needs a `uri` that begins with `https://`; change the `uri` or remove `tls`")
        }
        return switch address {
        case .server(let host, let port, _): .remote(host: host, port: port, tls: nil)
        case .folder(let path): .embedded(path: path)
        case nil: .embedded(path: "")
        }
    }
}

extension Form<TLSOptions> {
    /// `target.milvus.tls`
    fileprivate static var tls: Self {
        .section { (tls: Section<JobFileKeys.TLS>, _) in
            for (given, missing) in [(JobFileKeys.TLS.certificate, JobFileKeys.TLS.key), (.key, .certificate)]
            where tls.has(given) && !tls.has(missing) {
                tls.report(given, "needs `\(missing.rawValue)` beside it")
            }
            return TLSOptions(
                certificateAuthorities: tls.value(.ca, .path),
                clientCertificate: tls.value(.certificate, .path),
                clientKey: tls.value(.key, .path))
        }
    }
}
