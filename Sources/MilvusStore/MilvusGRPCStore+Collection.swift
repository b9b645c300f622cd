public import BackfillCore
import SwiftProtobuf

extension MilvusGRPCStore {
    public func describe(_ collection: String) async throws(StoreError) -> CollectionSchema {
        CollectionSchema(try await description(of: collection), requestedName: collection)
    }

    public func definition(of collection: String) async throws(StoreError) -> CollectionDefinition {
        let description = try await description(of: collection)
        var definition = try CollectionDefinition(description, indexes: try await indexes(of: collection))
        // A server without these tells the same for every collection.
        if limits.missing.contains(.consistencyLevels) { definition.consistency = nil }
        if limits.missing.contains(.partitionCounts) { definition.partitions = nil }
        return definition
    }

    private func indexes(
        of collection: String
    ) async throws(StoreError) -> [Milvus_Proto_Milvus_IndexDescription] {
        var request = Milvus_Proto_Milvus_DescribeIndexRequest()
        request.dbName = encoder.database
        request.collectionName = collection
        let response: Milvus_Proto_Milvus_DescribeIndexResponse = try await call("DescribeIndex", request)
        switch classifier.error(response.status, call: "DescribeIndex") {
        // Servers answer with an error where a collection has no index.
        case nil, .missing: return response.indexDescriptions
        case .some(let error): throw error
        }
    }

    public func indexStates() async throws(StoreError) -> [IndexState] {
        try await indexes(of: encoder.collection).map { index in
            IndexState(
                field: index.fieldName, totalRows: Int(index.totalRows), indexedRows: Int(index.indexedRows),
                pendingRows: Int(index.pendingIndexRows),
                // `Failed` of Milvus' `IndexState`.
                failure: index.state == 4 ? index.indexStateFailReason : nil)
        }
    }

    public func create(_ definition: CollectionDefinition) async throws(StoreError) {
        var request = Milvus_Proto_Milvus_CreateCollectionRequest()
        request.dbName = encoder.database
        request.collectionName = encoder.collection
        do {
            request.schema = try Milvus_Proto_Schema_CollectionSchema(definition, name: encoder.collection)
                .serializedData()
        } catch {
            throw .fatal("the collection's schema cannot be encoded: \(error)")
        }
        request.shardsNum = Int32(definition.shards ?? 1)
        request.consistencyLevel = (definition.consistency ?? .bounded).number
        request.properties = definition.properties.map(Milvus_Proto_Common_KeyValuePair.init)
        request.numPartitions = Int64(definition.partitions ?? 0)
        try await check("CreateCollection", request)
        for index in definition.indexes {
            var request = Milvus_Proto_Milvus_CreateIndexRequest()
            request.dbName = encoder.database
            request.collectionName = encoder.collection
            request.fieldName = index.field
            request.extraParams = index.parametersForCreation.map(Milvus_Proto_Common_KeyValuePair.init)
            try await check("CreateIndex", request)
        }
        if !definition.indexes.isEmpty { try await load() }
    }

    public func load() async throws(StoreError) {
        var request = Milvus_Proto_Milvus_LoadCollectionRequest()
        request.dbName = encoder.database
        request.collectionName = encoder.collection
        request.replicaNumber = 1
        try await check("LoadCollection", request)
    }

    public func hasPartition(_ name: String) async throws(StoreError) -> Bool {
        let response: Milvus_Proto_Milvus_BoolResponse = try await call("HasPartition", partition(name))
        if let error = classifier.error(response.status, call: "HasPartition") { throw error }
        return response.value
    }

    public func createPartition(_ name: String) async throws(StoreError) {
        try await check("CreatePartition", partition(name))
    }

    private func partition(_ name: String) -> Milvus_Proto_Milvus_PartitionRequest {
        var request = Milvus_Proto_Milvus_PartitionRequest()
        request.dbName = encoder.database
        request.collectionName = encoder.collection
        request.partitionName = name
        return request
    }

    public func loadState() async throws(StoreError) -> LoadState {
        var request = Milvus_Proto_Milvus_GetLoadStateRequest()
        request.dbName = encoder.database
        request.collectionName = encoder.collection
        let response: Milvus_Proto_Milvus_GetLoadStateResponse = try await call("GetLoadState", request)
        if let error = classifier.error(response.status, call: "GetLoadState") { throw error }
        // By the numbers of Milvus' `LoadState`.
        return switch response.state {
        case 2: .loading(percent: try await loadingPercent())
        case 3: .loaded
        default: .notLoaded
        }
    }

    private func loadingPercent() async throws(StoreError) -> Int {
        var request = Milvus_Proto_Milvus_GetLoadingProgressRequest()
        request.dbName = encoder.database
        request.collectionName = encoder.collection
        let response: Milvus_Proto_Milvus_GetLoadingProgressResponse = try await call("GetLoadingProgress", request)
        if let error = classifier.error(response.status, call: "GetLoadingProgress") { throw error }
        return Int(response.progress)
    }

    public func count() async throws(StoreError) -> Int {
        var request = Milvus_Proto_Milvus_QueryRequest()
        request.dbName = encoder.database
        request.collectionName = encoder.collection
        request.outputFields = ["count(*)"]
        if !encoder.partition.isEmpty { request.partitionNames = [encoder.partition] }
        let response: Milvus_Proto_Milvus_QueryResults = try await call("Query", request)
        if let error = classifier.error(response.status, call: "Query") { throw error }
        guard let count = response.fieldsData.first?.scalars.longData.data.first else {
            throw .fatal("Query: the answer to count(*) holds no number")
        }
        return Int(count)
    }

    public func query(_ query: RowQuery) async throws(StoreError) -> [Column] {
        guard query.limit > 0 else { return query.fields.map(Column.init) }
        var request = Milvus_Proto_Milvus_QueryRequest()
        request.dbName = encoder.database
        request.collectionName = encoder.collection
        request.expr = String(decoding: KeyExpression.of(query), as: UTF8.self)
        request.outputFields = query.fields.map(\.name)
        if !encoder.partition.isEmpty { request.partitionNames = [encoder.partition] }
        var parameters = [Parameter("limit", String(query.limit))]
        // Milvus Lite answers in the order of the keys only to an iterator, and to one it does not look keys up.
        if case .page = query.selection { parameters.append(Parameter("iterator", "True")) }
        request.queryParams = parameters.map(Milvus_Proto_Common_KeyValuePair.init)
        let response: Milvus_Proto_Milvus_QueryResults
        do throws(StoreError) {
            response = try await call("Query", request)
            if let error = classifier.error(response.status, call: "Query") { throw error }
        } catch {
            throw QueryFault.error(error)
        }
        return try FieldDataReader.columns(response.fieldsData, of: query)
    }

    public func flush() async throws(StoreError) -> Flush {
        var request = Milvus_Proto_Milvus_FlushRequest()
        request.dbName = encoder.database
        request.collectionNames = [encoder.collection]
        let response: Milvus_Proto_Milvus_FlushResponse = try await call("Flush", request)
        if let error = classifier.error(response.status, call: "Flush") { throw error }
        return Flush(
            segments: response.collSegIds[encoder.collection]?.data ?? [],
            timestamp: response.collFlushTs[encoder.collection] ?? 0)
    }

    public func hasEnded(_ flush: Flush) async throws(StoreError) -> Bool? {
        var request = Milvus_Proto_Milvus_GetFlushStateRequest()
        request.segmentIds = flush.segments
        request.flushTs = flush.timestamp
        request.dbName = encoder.database
        request.collectionName = encoder.collection
        let response: Milvus_Proto_Milvus_GetFlushStateResponse = try await call("GetFlushState", request)
        if let error = classifier.error(response.status, call: "GetFlushState") { throw error }
        return response.flushed
    }

    public func collection(ofAlias alias: String) async throws(StoreError) -> String? {
        var request = Milvus_Proto_Milvus_DescribeAliasRequest()
        request.dbName = encoder.database
        request.alias = alias
        let response: Milvus_Proto_Milvus_DescribeAliasResponse = try await call("DescribeAlias", request)
        switch classifier.error(response.status, call: "DescribeAlias") {
        case nil: return response.collection
        case .missing: return nil
        case .some(let error): throw error
        }
    }

    public func setAlias(_ alias: String) async throws(StoreError) {
        var request = Milvus_Proto_Milvus_AliasRequest()
        request.dbName = encoder.database
        request.collectionName = encoder.collection
        request.alias = alias
        let isTaken = try await collection(ofAlias: alias) != nil
        try await check(isTaken ? "AlterAlias" : "CreateAlias", request)
    }
}
