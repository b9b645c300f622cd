import BackfillCore
import TestSupport
import Testing

@Suite("A column")
struct ColumnTests {
    private static let types: [FieldType] = [
        .bool, .int64, .float, .double, .json, .varChar(maxLength: 50), .array(element: .int8, maxCapacity: 3),
        .floatVector(dimension: 3), .vector(.float16, dimension: 3), .vector(.binary, dimension: 24),
        .sparseFloatVector,
    ]

    /// Appends what stands for row `number`, complete or as far as a decoder came before it gave up.
    private func append(_ number: Int, to column: inout Column, isComplete: Bool = true) {
        switch column.layout {
        case .integers: column.append(Int64(number))
        case .doubles: column.append(Double(number))
        case .floats:
            column.floats.append(contentsOf: repeatElement(Float(number), count: isComplete ? column.stride : 1))
            if isComplete { column.closeRow() }
        case .packed:
            column.bytes.append(contentsOf: repeatElement(UInt8(number), count: isComplete ? column.stride : 1))
            if isComplete { column.closeRow() }
        case .bytes:
            column.bytes.append(contentsOf: "\(number)".utf8)
            if isComplete { column.closeRow() }
        }
    }

    private func contents(_ column: Column) -> String {
        "\(column.count) \(column.integers) \(column.floats) \(column.doubles) \(column.bytes) \(column.ends) "
            + "\(column.isPresent)"
    }

    @Test("cut back to fewer rows is as if the others had never been", arguments: types, UInt64(1)...5)
    func truncate(type: FieldType, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for isNullable in [true, false] {
            let field = FieldSchema(name: "x", type: type, isNullable: isNullable)
            let kept = random.number(0...6)
            var column = Column(field: field)
            var expected = Column(field: field)
            for row in 0..<kept + random.number(0...4) {
                let isAbsent = isNullable && random.oneIn(3)
                if isAbsent { column.appendAbsent() } else { append(row * 11, to: &column) }
                if row >= kept { continue }
                if isAbsent { expected.appendAbsent() } else { append(row * 11, to: &expected) }
            }
            if random.oneIn(2) { append(99, to: &column, isComplete: false) }
            column.truncate(to: kept)
            #expect(contents(column) == contents(expected))
            append(5, to: &column)
            append(5, to: &expected)
            #expect(contents(column) == contents(expected))
        }
    }

    @Test("keeps the place of a value that is missing", arguments: types)
    func absent(type: FieldType) {
        var column = Column(field: FieldSchema(name: "x", type: type, defaultValue: .long(1)))
        append(7, to: &column)
        column.appendAbsent()
        append(8, to: &column)
        #expect(column.count == 3)
        #expect(column.isPresent == [true, false, true])
        switch column.layout {
        case .integers: #expect(column.integers == [7, 0, 8])
        case .doubles: #expect(column.doubles == [7, 0, 8])
        case .floats: #expect(column.floats.count == 3 * column.stride)
        case .packed: #expect(column.bytes.count == 3 * column.stride)
        case .bytes: #expect((0..<3).map { column.byteRange($0) } == [0..<1, 1..<1, 1..<2])
        }
        var required = Column(field: FieldSchema(name: "x", type: type))
        append(7, to: &required)
        #expect(required.isPresent.isEmpty, "nobody asks whether a required value is there")
    }
}
