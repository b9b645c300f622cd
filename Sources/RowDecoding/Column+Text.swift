import BackfillCore

extension Column {
    /// Completes a row of text whose bytes, from `begin` on, were taken from a message.
    ///
    /// - Parameter subject: what the text is, for a person to read.
    mutating func closeText(
        from begin: Int, maxLength: Int, _ subject: @autoclosure () -> String
    ) throws(RecordFault) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span.extracting(begin...))
        } catch {
            throw .misfit("\(subject()) is not UTF-8 text: byte \(error.byteOffsets.lowerBound + 1) is wrong")
        }
        let length = bytes.count - begin
        guard length <= maxLength else { throw .tooLong(length, maxLength) }
        closeRow()
    }
}
