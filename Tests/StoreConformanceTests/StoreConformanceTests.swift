import BackfillCore
import Foundation
import Testing

/// What every store promises, on real servers.
@Suite(.serialized) struct StoreConformanceTests {
    @Test(arguments: TestedStore.allCases)
    func aCollectionIsDescribedAsItWasMade(tested: TestedStore) async throws {
        let name = TestedStore.newName()
        try await tested.open(name) { store in
            let schema = try await store.makeRows()
            #expect(schema.name == name && !schema.hasDynamicField)
            var expected = Rows.definition.schema(name: name).fingerprint
            // Milvus Lite does not tell how long the texts of an array may be.
            if tested.isLite { expected = expected.map { $0.replacing("VarChar(20)", with: "VarChar(65535)") } }
            #expect(schema.fingerprint == expected)
            #expect((schema.id != 0) != tested.isLite, "Milvus Lite has no ids")

            let definition = try await store.definition(of: name)
            #expect(definition.fields.map(\.description).sorted() == expected)
            #expect(definition.indexes == Rows.definition.indexes)
            #expect(definition.shards == 1)
        }
    }

    @Test(arguments: TestedStore.allCases)
    func rowsOfAKeyAreReplacedAndDeleted(tested: TestedStore) async throws {
        try await tested.open(TestedStore.newName()) { store in
            let schema = try await store.makeRows()
            #expect(try await store.count() == 0)
            try await store.write((0..<300).map { Rows.record($0) }, of: schema)
            #expect(try await store.count() == 300)
            try await store.write((200..<310).map { Rows.record($0, name: "b") }, of: schema)
            #expect(try await store.count() == 310)
            try await store.write(deleting: Array(0..<50) + [1_000_000], of: schema)
            #expect(try await store.count() == 260)
            try await store.write([Rows.record(0), Rows.record(400)], deleting: [309], of: schema)
            #expect(try await store.count() == 261)
        }
    }

    @Test(arguments: TestedStore.allCases)
    func theSameBytesMayBeSentAgain(tested: TestedStore) async throws {
        try await tested.open(TestedStore.newName()) { store in
            let schema = try await store.makeRows()
            let batch = store.encode(
                try Rows.batch(of: schema, records: (0..<20).map { Rows.record($0) }, deleting: [70, 71]))
            for _ in 0..<3 {
                try await store.write(batch)
                #expect(try await store.count() == 20)
            }
        }
    }

    @Test(arguments: TestedStore.allCases)
    func manyWritesAtOnceAllArrive(tested: TestedStore) async throws {
        try await tested.open(TestedStore.newName()) { store in
            let schema = try await store.makeRows()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for part in 0..<16 {
                    group.addTask {
                        try await store.write((0..<50).map { Rows.record(part * 50 + $0) }, of: schema)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.count() == 800)
        }
    }

    @Test(arguments: TestedStore.allCases)
    func aMissingCollectionIsSaidToBeMissing(tested: TestedStore) async throws {
        try await tested.open(TestedStore.newName()) { store in
            for call in [
                { @Sendable in _ = try await store.describe() }, { @Sendable in _ = try await store.count() },
                { @Sendable in _ = try await store.definition(of: "conformance_nowhere") },
            ] {
                let error = await #expect(throws: StoreError.self) { try await call() }
                guard case .missing = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test(arguments: TestedStore.allCases)
    func aRowThatTheServerRefusesIsNotAcknowledged(tested: TestedStore) async throws {
        try await tested.open(TestedStore.newName()) { store in
            let schema = try await store.makeRows()
            var wider = schema
            wider.fields[1].type = .varChar(maxLength: 100)
            wider.fields[2].type = .array(element: .varChar(maxLength: 100), maxCapacity: 4)
            let batch = try Rows.batch(
                of: wider, records: [Rows.record(1), Rows.record(2, name: String(repeating: "x", count: 90))])
            await #expect(throws: StoreError.self) { try await store.write(store.encode(batch)) }
            #expect(try await store.count() == 0, "nothing of a refused request is stored")
        }
    }

    @Test(arguments: TestedStore.allCases)
    func anAliasIsSetAndMoved(tested: TestedStore) async throws {
        let alias = TestedStore.newName()
        let names = [TestedStore.newName(), TestedStore.newName()]
        for name in names {
            try await tested.open(name) { store in
                _ = try await store.makeRows()
                #expect(try await store.collection(ofAlias: alias) == (name == names[0] ? nil : names[0]))
                try await store.setAlias(alias)
                #expect(try await store.collection(ofAlias: alias) == name)
                #expect(try await store.describe(names[0]).name == names[0])
                try await store.load()
                #expect(try await store.loadState() == .loaded)
            }
        }
        try await tested.open(alias) { store in
            let schema = try await store.describe()
            #expect(schema.primaryKey?.name == "id", "a collection can be reached by its alias")
        }
    }

    @Test(arguments: TestedStore.allCases)
    func partitionsAreMadeAndWritten(tested: TestedStore) async throws {
        let name = TestedStore.newName()
        try await tested.open(name) { store in
            let schema = try await store.makeRows()
            #expect(try await !store.hasPartition("recent"))
            try await store.createPartition("recent")
            #expect(try await store.hasPartition("recent"))
            try await store.write([Rows.record(1)], of: schema)
            try await tested.open(name, partition: "recent") { store in
                try await store.write([Rows.record(2), Rows.record(3)], of: schema)
                try await store.write(deleting: [3], of: schema)
                // Milvus Lite counts the whole collection, whichever partition is named.
                #expect(try await store.count() == (tested.isLite ? 2 : 1))
            }
            #expect(try await store.count() == 2)
        }
    }

    @Test(arguments: TestedStore.allCases)
    func flushingKeepsTheRows(tested: TestedStore) async throws {
        try await tested.open(TestedStore.newName()) { store in
            let schema = try await store.makeRows()
            try await store.write((0..<100).map { Rows.record($0) }, of: schema)
            let flush = try await store.flush()
            while try await store.hasEnded(flush) == false { try await Task.sleep(for: .milliseconds(50)) }
            #expect((try await store.hasEnded(flush) == nil) == tested.isREST)
            #expect(try await store.count() == 100)
            while try await store.indexStates().contains(where: { !$0.isComplete || $0.totalRows < 100 }) {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await store.indexStates().map(\.field) == ["embedding"])
        }
    }

    @Test(arguments: TestedStore.allCases)
    func aCollectionWithoutIndexIsNotLoaded(tested: TestedStore) async throws {
        try await tested.open(TestedStore.newName()) { store in
            var definition = Rows.definition
            definition.indexes = []
            try await store.create(definition)
            // Milvus Lite needs neither an index nor a load.
            #expect(try await store.loadState() == (tested.isLite ? .loaded : .notLoaded))
            let name = try await store.describe().name
            #expect(try await store.definition(of: name).indexes == [])
            #expect(try await store.indexStates() == [])
            guard !tested.isLite else { return try await store.load() }
            let error = await #expect(throws: StoreError.self) { try await store.load() }
            guard case .missing = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(arguments: TestedStore.allCases)
    func nobodyAtTheAddressIsTransientAndSaysWhereItLooked(tested: TestedStore) async throws {
        let error = await #expect(throws: StoreError.self) {
            try await tested.open("conformance_nowhere", port: 1) { _ in }
        }
        guard case .transient(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.contains("no Milvus answers at") && text.contains("127.0.0.1:1"), "\(text)")
    }

    @Test(arguments: TestedStore.allCases)
    func aCancelledCallEndsAsCancelled(tested: TestedStore) async throws {
        try await tested.open(TestedStore.newName()) { store in
            let schema = try await store.makeRows()
            let batch = store.encode(try Rows.batch(of: schema, records: (0..<2000).map { Rows.record($0) }))
            await withTaskGroup(of: (any Error)?.self) { group in
                group.addTask {
                    do {
                        while true { try await store.write(batch) }
                    } catch {
                        return error
                    }
                }
                group.cancelAll()
                for await error in group { #expect(error as? StoreError == .cancelled) }
            }
            let after = try await store.describe()
            #expect(after == schema, "the store goes on")
        }
    }
}
