// Usage: consumer BOOTSTRAP TOPIC PARTITION:START:END...
//
// Rows per second of librdkafka alone: reads exact ranges of partitions without holes, and looks at
// nothing but the offsets. Prints one JSON line. The clock starts before the first connection.

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define BATCH 1000
// librdkafka waits until a batch is full or this time is over.
#define BATCH_MS 10
#define PATIENCE_SECONDS 30

static double wall(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "consumer: %s\n", what);
    exit(1);
}

static rd_kafka_t *client(const char *bootstrap) {
    const char *const properties[][2] = {
        {"bootstrap.servers", bootstrap},
        // It has to have one, and never joins it.
        {"group.id", "benchmarks"},
        {"enable.auto.commit", "false"},
        {"auto.offset.reset", "error"},
        // Without it a flipped bit becomes a row: whoever must not lose data pays for it.
        {"check.crcs", "true"},
    };
    char error[512];
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) {
        if (rd_kafka_conf_set(configuration, properties[i][0], properties[i][1], error, sizeof error) != RD_KAFKA_CONF_OK)
            fail(error);
    }
    rd_kafka_t *made = rd_kafka_new(RD_KAFKA_CONSUMER, configuration, error, sizeof error);
    if (!made) fail(error);
    rd_kafka_poll_set_consumer(made);
    return made;
}

int main(int count, char **arguments) {
    if (count < 4) fail("usage: consumer BOOTSTRAP TOPIC PARTITION:START:END...");
    enum { PARTITIONS = 1024 };
    long long ends[PARTITIONS] = {0};
    long long remaining = 0, rows = 0, bytes = 0;
    rd_kafka_topic_partition_list_t *places = rd_kafka_topic_partition_list_new(count - 3);
    for (int i = 3; i < count; i++) {
        int partition;
        long long start, end;
        if (sscanf(arguments[i], "%d:%lld:%lld", &partition, &start, &end) != 3 || partition < 0 ||
            partition >= PARTITIONS || end < start)
            fail("a range is written PARTITION:START:END");
        ends[partition] = end;
        remaining += end - start;
        if (end > start) rd_kafka_topic_partition_list_add(places, arguments[2], partition)->offset = start;
    }

    rd_kafka_t *consumer = client(arguments[1]);
    double begin = wall(), cpu_begin = cpu();
    if (rd_kafka_assign(consumer, places) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("the partitions cannot be assigned");
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    double last = begin;
    while (remaining > 0) {
        rd_kafka_message_t *batch[BATCH];
        ssize_t arrived = rd_kafka_consume_batch_queue(queue, BATCH_MS, batch, BATCH);
        for (ssize_t i = 0; i < arrived; i++) {
            if (batch[i]->err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_message_errstr(batch[i]));
            // What lies behind a range can come, too.
            if (batch[i]->offset < ends[batch[i]->partition]) {
                rows++;
                remaining--;
                bytes += (long long)batch[i]->len;
            }
            rd_kafka_message_destroy(batch[i]);
        }
        if (arrived > 0)
            last = wall();
        else if (wall() - last > PATIENCE_SECONDS)
            fail("nothing arrives any more");
    }
    double seconds = wall() - begin, used = cpu() - cpu_begin;

    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"rows\": %lld, \"bytes\": %lld, \"seconds\": %.4f, \"rowsPerSecond\": %.1f, \"cpuSeconds\": %.4f, "
           "\"peakRSSBytes\": %ld, \"librdkafka\": \"%s\"}\n",
           rows, bytes, seconds, (double)rows / seconds, used, usage.ru_maxrss * 1024L, rd_kafka_version_str());
    rd_kafka_queue_destroy(queue);
    rd_kafka_topic_partition_list_destroy(places);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return 0;
}
