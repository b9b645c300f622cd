/// Why a sealed file cannot be used. Whoever owns the document says what to do about it.
package enum SealedFileError: Error, Equatable {
    /// The file cannot be read or written.
    case file(CheckpointError)
    case damaged(SealedFileDamage)
    /// The document has a version that this program does not know.
    case unknownVersion(Int)
    /// The document cannot be written as JSON.
    case unwritable(detail: String)
}
