package import NIOCore

/// Answers the server's HTTP/2 pings below the HTTP/2 handler, which never sees them.
///
/// A server written in Go measures the bandwidth of an upload with a ping for every burst of data (gRPC for Go, its
/// bandwidth-delay estimator). NIO's HTTP/2 handler takes more than 200 of them in 30 seconds for an attack, and closes
/// the connection with every request on it; the gRPC transport has no setting for that. Measured against Milvus 2.3.5:
/// a connection lived for about 300 requests.
package final class PingResponder: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// RFC 9113: 24 bits of length, 8 of type, 8 of flags, 32 of stream.
    private static let headerLength = 9
    private static let pingType: UInt8 = 6
    private static let acknowledgement: UInt8 = 1
    private static let pingLength = 8

    /// The beginning of a frame whose kind is not known yet.
    private var pending = ByteBuffer()
    /// Bytes of the current frame that are still to be handed on.
    private var passing = 0

    package init() {}

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var received = unwrapInboundIn(data)
        pending.writeBuffer(&received)
        var forwarded = context.channel.allocator.buffer(capacity: pending.readableBytes)
        while pending.readableBytes > 0 {
            if passing > 0 {
                let length = min(passing, pending.readableBytes)
                if var part = pending.readSlice(length: length) { forwarded.writeBuffer(&part) }
                passing -= length
            } else if let length = nextFrameLength {
                guard isPing(length) else {
                    passing = Self.headerLength + length
                    continue
                }
                guard let ping = pending.readSlice(length: Self.headerLength + length) else { break }
                context.writeAndFlush(wrapOutboundOut(answer(to: ping)), promise: nil)
            } else {
                break
            }
        }
        pending.discardReadBytes()
        if forwarded.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(forwarded)) }
    }

    /// The length of the frame that begins here, once its whole header is there.
    private var nextFrameLength: Int? {
        guard pending.readableBytes >= Self.headerLength,
            let word = pending.getInteger(at: pending.readerIndex, as: UInt32.self)
        else { return nil }
        return Int(word >> 8)
    }

    private func isPing(_ length: Int) -> Bool {
        let type: UInt8? = pending.getInteger(at: pending.readerIndex + 3)
        let flags: UInt8? = pending.getInteger(at: pending.readerIndex + 4)
        return type == Self.pingType && length == Self.pingLength && flags.map { $0 & Self.acknowledgement } == 0
    }

    private func answer(to ping: ByteBuffer) -> ByteBuffer {
        var answer = ping
        answer.setInteger(Self.acknowledgement, at: answer.readerIndex + 4)
        return answer
    }
}
