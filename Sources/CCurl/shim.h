#ifndef MILVUS_BACKFILL_CCURL_SHIM_H
#define MILVUS_BACKFILL_CCURL_SHIM_H

#include <curl/curl.h>

// Swift cannot call a variadic function, and the type that libcurl reads depends on the option. So there is one
// function for each type, which the compiler checks.

// A variadic argument must be exactly `long`, for flags and numbers too: an `int` would leave half of it undefined.
static inline CURLcode curl_easy_setopt_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

// Sizes whose options end in `_LARGE` are a type of their own, which is 64 bits wide even where `long` is not.
static inline CURLcode curl_easy_setopt_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

// libcurl copies such a text (except for CURLOPT_POSTFIELDS, which is not used), so it may end with the call.
static inline CURLcode curl_easy_setopt_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

// What libcurl keeps and hands back or writes to: it must live as long as the handle uses it.
static inline CURLcode curl_easy_setopt_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

// libcurl keeps the list without copying it.
static inline CURLcode curl_easy_setopt_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

// The callbacks are of three types; a Swift function becomes one only where its type is named.
static inline CURLcode curl_easy_setopt_read_callback(CURL *handle, curl_read_callback value) {
    return curl_easy_setopt(handle, CURLOPT_READFUNCTION, value);
}

static inline CURLcode curl_easy_setopt_seek_callback(CURL *handle, curl_seek_callback value) {
    return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, value);
}

static inline CURLcode curl_easy_setopt_write_callback(CURL *handle, curl_write_callback value) {
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, value);
}

// Of the same type as the one before: one name for each keeps an option from meeting another option's function.
static inline CURLcode curl_easy_setopt_header_callback(CURL *handle, curl_write_callback value) {
    return curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, value);
}

// As for the easy handle: all options of the multi handle that are used are numbers.
static inline CURLMcode curl_multi_setopt_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}

// libcurl writes exactly a `long`, such as the status.
static inline CURLcode curl_easy_getinfo_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

// libcurl writes a pointer, such as the one that was set by CURLOPT_PRIVATE.
static inline CURLcode curl_easy_getinfo_pointer(CURL *handle, CURLINFO info, void **value) {
    return curl_easy_getinfo(handle, info, value);
}

#endif
