public import BackfillCore

extension CheckpointDocument {
    /// Bytes on disk of a unit's files.
    public func size(of unit: Unit) -> Int {
        unit.files.reduce(0) { $0 + job.files[$1].size }
    }

    /// Bytes on disk before a unit's position. Inside a zstd frame the frame's beginning counts.
    public func settledSize(of unit: Unit) -> Int {
        let before = unit.files.prefix(unit.position.file).reduce(0) { $0 + job.files[$1].size }
        guard !unit.isDone else { return before }
        let file = job.files[unit.files[unit.position.file]]
        let isPlain =
            unit.position.frame == 1 && unit.position.frameOffset == 0 && unit.position.textOffset <= file.size
        return before + (isPlain ? min(file.size, unit.position.textOffset) : unit.position.frameOffset)
    }

    public var size: Int { units.reduce(0) { $0 + size(of: $1) } }

    public var settledSize: Int { units.reduce(0) { $0 + settledSize(of: $1) } }
}
