package io.howdah.settings;

import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values by their keys, each read as what it is to be. One that is no such thing is complained
 * about and read as something harmless, so that all complaints come at once.
 */
abstract class TypedValues {
  private static final Pattern DURATION = Pattern.compile("(\\d+)(ms|s|m|h|d)");
  private static final Pattern SIZE =
      Pattern.compile("(\\d+)\\s*(|B|KB|MB|GB|TB)", Pattern.CASE_INSENSITIVE);

  /** Every key there is, and its value as text. */
  final Map<String, String> values = new TreeMap<>();

  /** All that is wrong, in sentences. */
  final List<String> complaints = new ArrayList<>();

  /** What relative paths are relative to. */
  final Path base;

  TypedValues(Path base) {
    this.base = base;
  }

  /** The key that is most like one that does not exist. */
  final String nearest(String key) {
    return values.keySet().stream()
        .min((a, b) -> Integer.compare(distance(a, key), distance(b, key)))
        .orElseThrow();
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int corner = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? corner : corner + 1;
        row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
        corner = above;
      }
    }
    return row[b.length()];
  }

  /** Seconds as the seed writes them, such as 2 or 0.5; or a duration. */
  final Duration seconds(String key) {
    String text = text(key);
    if (text.matches("\\d{1,6}(\\.\\d{1,9})?")) {
      return Duration.ofNanos(new BigDecimal(text).movePointRight(9).longValue());
    }
    return duration(key, Duration.ZERO);
  }

  final String text(String key) {
    return values.get(key);
  }

  final Path path(String key, Path otherwise) {
    String text = text(key);
    return (text.isEmpty() ? otherwise : base.resolve(text)).normalize();
  }

  final Optional<Path> optionalPath(String key) {
    String text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Path path = base.resolve(text).normalize();
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      complaints.add(key + ": " + text + " is not a file this process can read");
    }
    return Optional.of(path);
  }

  final Optional<URI> uri(String key, Set<String> schemes) {
    String text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI uri = URI.create(text);
      if (uri.getScheme() != null && schemes.contains(uri.getScheme()) && uri.getHost() != null) {
        return Optional.of(uri);
      }
    } catch (IllegalArgumentException e) {
      // falls through to the complaint
    }
    complaints.add(
        key + " must be an address such as " + schemes.iterator().next() + "://host:port");
    return Optional.empty();
  }

  final boolean flag(String key) {
    return oneOf(key, Set.of("true", "false")).equals("true");
  }

  final String oneOf(String key, Set<String> allowed) {
    String text = text(key);
    Optional<String> match = allowed.stream().filter(text::equalsIgnoreCase).findFirst();
    if (match.isEmpty()) {
      complaints.add(
          key
              + " must be one of "
              + String.join(", ", allowed.stream().sorted().toList())
              + ", was '"
              + text
              + "'");
    }
    return match.orElseGet(() -> allowed.iterator().next());
  }

  final int number(String key, int least, int most) {
    String text = text(key);
    if (text.matches("\\d{1,9}")) {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    complaints.add(
        key + " must be a whole number from " + least + " to " + most + ", was '" + text + "'");
    return least;
  }

  final long size(String key, long least) {
    long size = sizeOf(text(key));
    if (size >= least) {
      return size;
    }
    complaints.add(key + " must be a size such as 500KB, 100MB or 2GB, was '" + text(key) + "'");
    return least;
  }

  /** Bytes; less than none when the text is no size. */
  static long sizeOf(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (matcher.matches() && matcher.group(1).length() <= 15) {
      int power =
          "BKMGT"
              .indexOf(
                  matcher.group(2).isEmpty()
                      ? 'B'
                      : Character.toUpperCase(matcher.group(2).charAt(0)));
      long number = Long.parseLong(matcher.group(1));
      if (number <= Long.MAX_VALUE >> (10 * power + 1)) {
        return number << (10 * power);
      }
    }
    return -1;
  }

  static Optional<Duration> parsed(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (matcher.matches() && matcher.group(1).length() <= 9) {
      long amount = Long.parseLong(matcher.group(1));
      return Optional.of(
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
          });
    }
    return Optional.empty();
  }

  /** How often something is done, at most once a second; empty: never. */
  final Optional<Duration> period(String key) {
    return text(key).isEmpty()
        ? Optional.empty()
        : Optional.of(duration(key, Duration.ofSeconds(1)));
  }

  final Duration duration(String key, Duration least) {
    Optional<Duration> duration = parsed(text(key)).filter(d -> d.compareTo(least) >= 0);
    if (duration.isPresent()) {
      return duration.get();
    }
    complaints.add(
        key
            + " must be a duration such as 500ms, 30s or 5m, at least "
            + least.toMillis()
            + "ms, was '"
            + text(key)
            + "'");
    return least;
  }
}
