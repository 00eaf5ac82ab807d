package io.howdah.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * strace, as an oracle of the order in which a process really asked its kernel for things, and as a
 * disk that fails when told to.
 */
public final class Strace {
  private static final Pattern LINE = Pattern.compile("(\\d+) +(.*)");
  private static final Pattern CALL = Pattern.compile("(\\w+)\\((.*)");
  private static final Pattern RESUMED = Pattern.compile("<\\.\\.\\. (\\w+) resumed>(.*)");
  private static final Pattern FAILED = Pattern.compile("= -1 E\\w+");

  private Strace() {}

  /** True when it is here and this user may trace with it. */
  public static boolean isInstalled() {
    try {
      Process process =
          new ProcessBuilder("strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=fsync", "true")
              .redirectErrorStream(true)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * One system call.
   *
   * @param begun its place in the order in which calls began and ended
   * @param ended likewise
   */
  public record Call(String name, String arguments, int begun, int ended, boolean failed) {
    /** True when it ended before the other began. */
    public boolean isBefore(Call other) {
      return ended < other.begun;
    }
  }

  /** The command that writes all calls of these kinds to {@code trace}. */
  public static List<String> writing(Path trace, String kinds) {
    return List.of(
        "strace",
        "-f",
        "-qq",
        "-y",
        "-s",
        "400",
        "--seccomp-bpf",
        "-o",
        trace.toString(),
        "-e",
        "trace=" + kinds);
  }

  /** The first call that is wanted; fails when there is none. */
  public static Call first(List<Call> calls, Predicate<Call> wanted) {
    return calls.stream()
        .filter(wanted)
        .findFirst()
        .orElseThrow(() -> new AssertionError("a call is not in the trace"));
  }

  /** The syncs of any of these files or directories that did not fail. */
  public static Stream<Call> synced(List<Call> calls, String... paths) {
    return calls.stream()
        .filter(call -> call.name().equals("fsync") || call.name().equals("fdatasync"))
        .filter(call -> !call.failed())
        .filter(
            call -> Stream.of(paths).anyMatch(path -> call.arguments().contains("<" + path + ">")));
  }

  /** Reads what {@link #writing} wrote, in order. */
  public static List<Call> read(Path trace) {
    List<Call> calls = new ArrayList<>();
    Map<String, Call> unfinished = new HashMap<>();
    int place = 0;
    try {
      for (String text : Files.readAllLines(trace, StandardCharsets.ISO_8859_1)) {
        place++;
        Matcher line = LINE.matcher(text);
        if (!line.matches()) {
          continue;
        }
        String process = line.group(1);
        Matcher resumed = RESUMED.matcher(line.group(2));
        Matcher call = CALL.matcher(line.group(2));
        if (resumed.matches()) {
          Call begun = unfinished.remove(process + resumed.group(1));
          if (begun != null) {
            calls.add(
                new Call(
                    begun.name,
                    begun.arguments.replaceFirst(" ?<unfinished \\.\\.\\.>$", "")
                        + resumed.group(2).strip(),
                    begun.begun,
                    place,
                    FAILED.matcher(resumed.group(2)).find()));
          }
        } else if (call.matches()) {
          String arguments = call.group(2);
          Call whole =
              new Call(call.group(1), arguments, place, place, FAILED.matcher(arguments).find());
          if (arguments.endsWith("<unfinished ...>")) {
            unfinished.put(process + whole.name, whole);
          } else {
            calls.add(whole);
          }
        }
      }
      return calls;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes system calls of a running process fail until closed.
   *
   * @param injection such as {@code fsync:error=EIO}
   */
  public static Fault fault(long pid, String injection) {
    return new Fault(pid, injection);
  }

  /** A fault while it lasts. */
  public static final class Fault implements AutoCloseable {
    private final Process strace;

    private Fault(long pid, String injection) {
      String kinds = injection.substring(0, injection.indexOf(':'));
      try {
        strace =
            new ProcessBuilder(
                    "strace",
                    "-f",
                    "-o",
                    "/dev/null",
                    "-e",
                    "trace=" + kinds,
                    "-e",
                    "inject=" + injection,
                    "-p",
                    Long.toString(pid))
                .redirectErrorStream(true)
                .start();
        awaitAttached();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** strace says so for every thread; after the first line it has the whole process stopped. */
    private void awaitAttached() throws IOException {
      StringBuilder said = new StringBuilder();
      int c = strace.getInputStream().read();
      while (c >= 0 && c != '\n') {
        said.append((char) c);
        c = strace.getInputStream().read();
      }
      if (!said.toString().contains("attached")) {
        throw new IOException("strace: " + said);
      }
    }

    @Override
    public void close() {
      strace.destroy(); // SIGTERM: it lets the process go as it was
      try {
        if (!strace.waitFor(10, TimeUnit.SECONDS)) {
          strace.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
