import Testing

/// One at a time: they count connections, descriptors and time.
@Suite("HTTP client", .serialized)
struct HTTPClientTests {}
