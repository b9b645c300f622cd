import CCurl

/// libcurl as the process runs with it.
public enum HTTPLibrary {
    public static var version: String {
        // libcurl returns constant data, and the version is a terminated text in every form of it.
        unsafe String(cString: curl_version_info(CURLVERSION_FIRST).pointee.version)
    }
}
