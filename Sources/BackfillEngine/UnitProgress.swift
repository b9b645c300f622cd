public import BackfillCore

extension CheckpointDocument {
    /// How much there is to read in a unit: bytes on disk of its files, or offsets in its ranges.
    public func size(of unit: Unit) -> Int {
        switch unit.extent {
        case .files(let indexes): indexes.reduce(0) { $0 + job.files[$1].size }
        case .partition: unit.offsets
        }
    }

    /// How much of that lies before the unit's position. Inside a zstd frame the frame's beginning counts.
    public func settledSize(of unit: Unit) -> Int {
        switch (unit.extent, unit.position) {
        case (.files(let indexes), .line(let position)):
            let before = indexes.prefix(position.file).reduce(0) { $0 + job.files[$1].size }
            guard !unit.isDone else { return before }
            let file = job.files[indexes[position.file]]
            let isPlain = position.frame == 1 && position.frameOffset == 0 && position.textOffset <= file.size
            return before + (isPlain ? min(file.size, position.textOffset) : position.frameOffset)
        case (.partition, .offset): return unit.settledOffsets
        case (.files, .offset), (.partition, .line):
            preconditionFailure("A unit has a position of another kind of source.")
        }
    }

    public var size: Int { units.reduce(0) { $0 + size(of: $1) } }

    public var settledSize: Int { units.reduce(0) { $0 + settledSize(of: $1) } }

    /// Offsets whose messages were lost before they could be read, over all runs.
    public var lostOffsets: Int { units.reduce(0) { $0 + $1.gaps.reduce(0) { $0 + Int($1.count) } } }

    /// A place in a unit, for people.
    public func text(of position: SourcePosition, in unit: Unit) -> String {
        guard position < unit.end else { return "the end" }
        switch (unit.extent, position) {
        case (.files(let indexes), .line(let place)): return "\(job.files[indexes[place.file]].path):\(place.line)"
        case (.partition(let topic, let number, _), .offset(let offset)): return "\(topic)-\(number)@\(offset)"
        case (.files, .offset), (.partition, .line): return "?"
        }
    }
}

extension CheckpointDocument.Unit {
    /// Offsets in the ranges of a partition.
    public var offsets: Int { offsets(below: .max) }

    /// Those of them that lie before the unit's position.
    public var settledOffsets: Int {
        if case .offset(let offset) = position { offsets(below: offset) } else { 0 }
    }

    private func offsets(below limit: Int64) -> Int {
        guard case .partition(_, _, let ranges) = extent else { return 0 }
        return ranges.reduce(0) { $0 + Int(max(0, min(limit, $1.end) - $1.start)) }
    }
}

extension SourceChunk {
    /// How much of its unit the chunk covers, in the measure of `CheckpointDocument.size(of:)`.
    var size: Int {
        switch self {
        case .lines(let chunk): chunk.bytesOnDisk
        case .messages(let chunk):
            chunk.messages.count + chunk.absent + chunk.gaps.reduce(0) { $0 + Int($1.count) }
        }
    }

    /// Bytes that were read for it.
    var bytesRead: Int {
        switch self {
        case .lines(let chunk): chunk.bytesOnDisk
        case .messages(let chunk): chunk.bytes.count
        }
    }
}
