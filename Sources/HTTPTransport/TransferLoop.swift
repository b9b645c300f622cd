import CCurl

/// Moves the requests of a client, on the client's own thread; no other touches what it has.
struct TransferLoop: ~Copyable {
    private struct Transfer {
        let easy: EasyHandle
        let submission: Submission
    }

    /// More are freed after use, since each holds buffers of its own.
    private static let mostIdleHandles = 64

    private let inbox: TransferInbox
    private let multi: MultiHandle
    private let security: HTTPSecurity?
    private let responseLimit: Int
    private var idleHandles: [EasyHandle] = []
    /// What libcurl is moving, by number. Who takes a transfer from here resumes its task.
    private var transfers: [UInt: Transfer] = [:]

    private init(
        _ inbox: TransferInbox, _ multi: consuming MultiHandle, _ security: HTTPSecurity?, responseLimit: Int
    ) {
        self.inbox = inbox
        self.multi = multi
        self.security = security
        self.responseLimit = responseLimit
    }

    /// Serves the inbox until it is closed. Whoever is in it by then has been resumed, and all of libcurl's is freed.
    static func run(_ inbox: TransferInbox, _ security: HTTPSecurity?, responseLimit: Int) {
        guard Curl.isReady, let multi = MultiHandle() else {
            let reason = HTTPError.failed("libcurl cannot be started")
            inbox.close(reason)
            for submission in inbox.take().submissions { submission.continuation.resume(returning: .failure(reason)) }
            return
        }
        var loop = TransferLoop(inbox, multi, security, responseLimit: responseLimit)
        loop.run()
    }

    private mutating func run() {
        inbox.setWaker(multi.waker)
        defer { inbox.setWaker(nil) }
        while true {
            let work = inbox.take()
            if let closing = work.closing {
                for submission in work.submissions { submission.continuation.resume(returning: .failure(closing)) }
                giveUpAll(closing)
                return
            }
            for submission in work.submissions { start(submission) }
            for id in work.cancellations { giveUp(id, .cancelled) }
            do throws(HTTPError) {
                try multi.perform()
                finishDone()
                try multi.wait()
            } catch {
                // Only a lack of memory does this.
                inbox.close(error)
            }
        }
    }

    private mutating func start(_ submission: Submission) {
        do throws(HTTPError) {
            let easy = if let idle = idleHandles.popLast() { idle } else { try EasyHandle(security) }
            do throws(HTTPError) {
                try easy.prepare(submission.request, id: submission.id, responseLimit: responseLimit)
                try multi.add(easy)
            } catch {
                setAside(easy)
                throw error
            }
            transfers[submission.id] = Transfer(easy: easy, submission: submission)
        } catch {
            submission.continuation.resume(returning: .failure(error))
        }
    }

    private mutating func finishDone() {
        while let (id, code) = multi.nextDone() {
            guard let transfer = transfers.removeValue(forKey: id) else { continue }
            multi.remove(transfer.easy)
            let result = transfer.easy.finish(code)
            setAside(transfer.easy)
            transfer.submission.continuation.resume(returning: result)
        }
    }

    private mutating func giveUpAll(_ reason: HTTPError) {
        for id in Array(transfers.keys) { giveUp(id, reason) }
    }

    /// Does nothing for a request that has ended.
    private mutating func giveUp(_ id: UInt, _ reason: HTTPError) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        multi.remove(transfer.easy)
        setAside(transfer.easy)
        transfer.submission.continuation.resume(returning: .failure(reason))
    }

    private mutating func setAside(_ easy: EasyHandle) {
        easy.clear()
        if idleHandles.count < Self.mostIdleHandles { idleHandles.append(easy) }
    }
}
