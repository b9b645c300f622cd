/// Ways to serve a connection.
enum Serving {
    /// Answers each request with its body, or with its path when there is none.
    static func echo(_ connection: ServedConnection) {
        while let request = connection.readRequest() {
            connection.answer(request.body.isEmpty ? Array(request.path.utf8) : request.body)
        }
    }

    /// Reads one request and stays silent until the client closes.
    static func silence(_ connection: ServedConnection) {
        while connection.receiveMore() {}
    }

    /// Stays silent for paths that begin with `/silent`, and answers others with their path.
    static func silenceOnRequest(_ connection: ServedConnection) {
        while let request = connection.readRequest() {
            if request.path.hasPrefix("/silent") { return silence(connection) }
            connection.answer(Array(request.path.utf8))
        }
    }
}
