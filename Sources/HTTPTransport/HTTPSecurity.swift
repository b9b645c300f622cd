/// What a client trusts and how it proves itself: paths of PEM files.
///
/// The files are read for each new connection, so that one that is replaced is taken up.
public struct HTTPSecurity: Sendable {
    /// Certificates of the authorities to trust in place of the system's; nil for the system's.
    public var certificateAuthorities: String?
    /// The certificate with which the client proves itself, for a server that asks for one.
    public var clientCertificate: String?
    /// The key of `clientCertificate`, without a passphrase; nil when it is in the same file.
    public var clientKey: String?

    public init(certificateAuthorities: String? = nil, clientCertificate: String? = nil, clientKey: String? = nil) {
        self.certificateAuthorities = certificateAuthorities
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
    }
}
