struct TestServerError: Error {
    let action: String
    let code: Int32
}
