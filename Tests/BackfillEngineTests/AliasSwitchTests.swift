import BackfillCore
import BackfillEngine
import Checkpoints
import Synchronization
import TestSupport
import Testing

@Suite("An alias that is moved back")
struct AliasSwitchTests {
    private final class AliasStore: UnaskedStore {
        let alias = Mutex("new")

        func describe() async throws(StoreError) -> CollectionSchema {
            CollectionSchema(name: "old", id: 1, fields: [], hasDynamicField: false)
        }

        func collection(ofAlias alias: String) async throws(StoreError) -> String? { self.alias.withLock(\.self) }

        func setAlias(_ alias: String) async throws(StoreError) { self.alias.withLock { $0 = "old" } }
    }

    private func moveBack(_ store: AliasStore, meanwhile: String?) async throws -> AliasSwitch.Outcome {
        try await withTemporaryFolder { folder in
            let target = MilvusTarget(endpoint: .remote(host: "localhost", port: 1, tls: nil), collection: "new")
            let aliasSwitch = AliasSwitch(
                "live", target: target, file: SwitchFile(checkpoint: folder + "/c.json"),
                retry: ServerRetry(
                    .init(transient: nil), clock: ContinuousClock(), random: SystemRandomNumberGenerator()
                ) {
                    _, _ in
                })
            return try await aliasSwitch.moveBack(to: SwitchRecord.Collection(name: "old", id: 1), in: store) {
                if let meanwhile { store.alias.withLock { $0 = meanwhile } }
            }
        }
    }

    @Test("stands for the old collection when that is loaded")
    func moved() async throws {
        let store = AliasStore()
        let outcome = try await moveBack(store, meanwhile: nil)
        #expect(outcome.before == "new" && outcome.after == "old" && store.alias.withLock(\.self) == "old")
    }

    @Test("stays where somebody else has moved it while the old collection was loaded")
    func movedByAnother() async throws {
        let store = AliasStore()
        await #expect(throws: FinishError.aliasMoved("live", to: "third", from: "new")) {
            _ = try await moveBack(store, meanwhile: "third")
        }
        #expect(store.alias.withLock(\.self) == "third")
    }
}
