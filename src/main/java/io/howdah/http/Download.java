package io.howdah.http;

import java.io.InputStream;
import java.util.Map;

/**
 * An answer whose body is read while it is sent, for what is too large to be held.
 *
 * @param body closed by whoever sends it
 */
public record Download(
    int status, String contentType, Map<String, String> headers, InputStream body) {}
