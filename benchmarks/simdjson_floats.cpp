// Rows per second of simdjson alone: the lines of a plain .jsonl file, held in memory, to floats.
// Usage: simdjson_floats FILE [REPEATS]

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

using namespace simdjson;

// Number parsing is compiled in here, while the search for structure is chosen when the library runs.
#define TEXT_OF(name) #name
#define EXPANDED_TEXT_OF(name) TEXT_OF(name)
static const char* const compiledFor = EXPANDED_TEXT_OF(SIMDJSON_BUILTIN_IMPLEMENTATION);

struct Row {
    int64_t id = 0;
    std::string_view title;
};

static Row parse(ondemand::parser& parser, const char* line, size_t length, size_t capacity, std::vector<float>& vector) {
    Row row;
    vector.clear();
    ondemand::document document = parser.iterate(line, length, capacity);
    for (ondemand::field field : document.get_object()) {
        const std::string_view key = field.unescaped_key();
        if (key == "id") {
            row.id = field.value().get_int64();
        } else if (key == "title") {
            row.title = field.value().get_string();
        } else if (key == "embedding") {
            for (ondemand::value element : field.value().get_array()) {
                vector.push_back(static_cast<float>(element.get_double()));
            }
        }
    }
    return row;
}

int main(int argc, char** argv) try {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s FILE [REPEATS]\n", argv[0]);
        return 64;
    }
    const int repeats = argc > 2 ? std::atoi(argv[2]) : 5;
    const padded_string text = padded_string::load(argv[1]);
    const char* const end = text.data() + text.size();

    ondemand::parser parser;
    std::vector<float> vector;
    std::vector<double> rates;
    size_t rows = 0;
    double checksum = 0;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        rows = 0;
        for (const char* line = text.data(); line < end;) {
            const void* newline = std::memchr(line, '\n', end - line);
            const char* stop = newline ? static_cast<const char*>(newline) : end;
            // The next line serves as the padding of this one, so nothing is copied.
            const Row row = parse(parser, line, stop - line, end - line + SIMDJSON_PADDING, vector);
            checksum += double(row.id) + double(row.title.size()) + (vector.empty() ? 0 : vector[0]);
            ++rows;
            line = stop + 1;
        }
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        rates.push_back(double(rows) / seconds.count());
    }
    std::sort(rates.begin(), rates.end());
    const double median = rates[rates.size() / 2];
    std::printf("{\"rows\": %zu, \"seconds\": %.6f, \"rowsPerSecond\": %.1f, \"floats\": %zu, \"compiledFor\": \"%s\", \"running\": \"%s\", "
                "\"checksum\": %.3f}\n",
                rows, double(rows) / median, median, vector.size(), compiledFor,
                get_active_implementation()->name().c_str(), checksum);
} catch (const simdjson_error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
