import CRdKafkaMock

/// What a broker answers in place of the truth.
package enum MockAnswer: Sendable {
    case corruptMessage, offsetOutOfRange, unknownTopicOrPartition, leaderNotAvailable, notLeader, requestTimedOut
    case brokerNotAvailable, replicaNotAvailable, storageError, fencedLeaderEpoch, unknownLeaderEpoch
    case offsetNotAvailable, unknownServerError, topicAuthorizationFailed, groupAuthorizationFailed
    /// The truth, for once.
    case success
    /// It closes the connection.
    case disconnect

    var code: rd_kafka_resp_err_t {
        switch self {
        case .corruptMessage: RD_KAFKA_RESP_ERR_INVALID_MSG
        case .offsetOutOfRange: RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE
        case .unknownTopicOrPartition: RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
        case .leaderNotAvailable: RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE
        case .notLeader: RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION
        case .requestTimedOut: RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT
        case .brokerNotAvailable: RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE
        case .replicaNotAvailable: RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE
        case .storageError: RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR
        case .fencedLeaderEpoch: RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH
        case .unknownLeaderEpoch: RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH
        case .offsetNotAvailable: RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE
        case .unknownServerError: RD_KAFKA_RESP_ERR_UNKNOWN
        case .topicAuthorizationFailed: RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
        case .groupAuthorizationFailed: RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED
        case .success: RD_KAFKA_RESP_ERR_NO_ERROR
        case .disconnect: RD_KAFKA_RESP_ERR__TRANSPORT
        }
    }
}
