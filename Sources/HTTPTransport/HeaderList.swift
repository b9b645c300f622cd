import CCurl

/// The owner of the header lines of one request, in the form that libcurl reads.
@safe
struct HeaderList: ~Copyable {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    /// - Throws: `HTTPError.failed`, for a header that would break the request apart.
    init(_ headers: [(name: String, value: String)]) throws(HTTPError) {
        unsafe self.first = nil
        // A large POST would otherwise wait up to a second for the server's leave.
        try append("Expect:")
        for header in headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(Self.isTokenByte) else {
                throw .failed("the name of a header holds characters that no name may hold")
            }
            guard header.value.utf8.allSatisfy(Self.isValueByte) else {
                throw .failed("the value of the header \(header.name) holds a line break or a control character")
            }
            // libcurl takes a name with a colon alone for a header to leave out.
            try append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
    }

    deinit {
        // A list belongs to whoever made it, and may be empty.
        unsafe curl_slist_free_all(first)
    }

    private mutating func append(_ line: String) throws(HTTPError) {
        // libcurl copies the line, and leaves the list as it is when it has no memory.
        guard let list = unsafe curl_slist_append(first, line) else { throw .failed("no memory is left") }
        unsafe first = list
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: ":") && byte != UInt8(ascii: ";")
    }

    private static func isValueByte(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t")
    }
}
