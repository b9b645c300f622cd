import BackfillCore
import RowDecoding
import TestSupport
import Testing

@Suite("The lanes of a chunk")
struct LaneTests {
    @Test("hold every operation once, in order, and all of a key together", arguments: [1, 4, 16], UInt64(1)...5)
    func lanes(lanes: Int, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for type in [FieldType.int64, .varChar(maxLength: 20)] {
            let field = FieldSchema(name: "id", type: type, isPrimaryKey: true)
            var records = try Records([field], form: .kcat)
            records.lanes = lanes
            let keys = (0..<1000).map { _ in "\(random.number(0...150) &* 1_000_003 - 7)" }
            let lines = keys.map { key in
                if random.oneIn(10) { return #"{"topic":"t","payload":{"id":[]}}"# }
                if random.oneIn(3) { return #"{"topic":"t","key":"\#(key)","payload":null}"# }
                return #"{"topic":"t","payload":{"id":\#(type == .int64 ? key : "\"\(key)\"")}}"#
            }
            let chunk = records.decode(lines)
            #expect(chunk.lanes.count == lanes)
            #expect(chunk.lanes.flatMap(\.self).sorted() == (0..<Int32(chunk.operations.count)).map(\.self))
            for lane in chunk.lanes { #expect(lane == lane.sorted()) }

            var laneOfKey: [String: Int] = [:]
            let upserted = chunk.cells("id")
            let deleted = chunk.deletedKeys.cells
            for (lane, operations) in chunk.lanes.enumerated() {
                for operation in operations.map({ chunk.operations[Int($0)] }) {
                    let key = (operation.isDelete ? deleted : upserted)[Int(operation.row)].description
                    #expect(laneOfKey[key, default: lane] == lane)
                    laneOfKey[key] = lane
                }
            }
        }
    }

    @Test("share the keys evenly, whatever the keys have in common")
    func balance() throws {
        for step in [1, 16, 1 << 20, 1 << 32] {
            for type in [FieldType.int64, .varChar(maxLength: 30)] {
                var records = try Records([FieldSchema(name: "id", type: type, isPrimaryKey: true)])
                records.lanes = 16
                let chunk = records.decode(
                    (0..<3200).map { type == .int64 ? "{\"id\":\($0 * step)}" : "{\"id\":\"doc-\($0 * step)\"}" })
                for lane in chunk.lanes { #expect((100...300).contains(lane.count)) }
            }
        }
    }

    @Test("agree between chunks, so that a key stays in its lane for the whole run")
    func chunks() throws {
        let records = try Records([Records.key])
        let alone = records.decode(#"{"id":42}"#)
        let among = records.decode(#"{"id":1}"#, #"{"id":42}"#)
        #expect(alone.operations[0].keyHash == among.operations[1].keyHash)
        #expect(alone.hasSameKey(alone.operations[0], as: among.operations[1], of: among))
        #expect(!alone.hasSameKey(alone.operations[0], as: among.operations[0], of: among))
    }

    @Test("know a row's size from its values")
    func sizes() throws {
        let records = try Records(value: .varChar(maxLength: 1000))
        let chunk = records.decode([10, 900].map { #"{"id":1,"value":"\#(String(repeating: "x", count: $0))"}"# })
        let sizes = chunk.operations.map { Int($0.size) }
        #expect(sizes[1] - sizes[0] == 890)
        #expect((10...40).contains(sizes[0]))
    }
}
