import CZstd

/// libzstd as the process runs with it.
public enum ZstdLibrary {
    public static var version: String {
        // libzstd returns a constant, terminated text.
        unsafe String(cString: ZSTD_versionString())
    }
}
