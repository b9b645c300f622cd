import BackfillCore

extension Column {
    var cells: [Cell] {
        (0..<count).map { row in
            if !isPresent.isEmpty, !isPresent[row] { return .absent }
            switch layout {
            case .integers: return .integer(integers[row])
            case .floats: return .floats(floats[row * stride..<(row + 1) * stride].map(\.bitPattern))
            case .doubles: return .double(doubles[row].bitPattern)
            case .packed, .bytes: return .bytes(Array(bytes[byteRange(row)]))
            }
        }
    }
}

extension DecodedChunk {
    /// The values of one field, row by row; nothing for a field that the chunk does not have.
    func cells(_ field: String) -> [Cell] {
        columns.first { $0.field.name == field }?.cells ?? []
    }

    /// Every row with every field, in the order of the fields.
    var rows: [[Cell]] {
        let cells = columns.map(\.cells)
        return (0..<(cells.first?.count ?? 0)).map { row in cells.map { $0[row] } }
    }

    /// The numbers of the lines that were rejected.
    var rejectedLines: [Int] {
        rejects.compactMap { reject in
            if case .line(let position) = reject.position { position.line } else { nil }
        }
    }

    var reasons: [String] { rejects.map(\.reason) }
}
