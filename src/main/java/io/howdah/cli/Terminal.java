package io.howdah.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Where a command writes: a block of lines that is drawn again in place on a terminal, plain lines
 * without a single control character anywhere else. For one thread at a time.
 */
final class Terminal {
  private static final int LEAST_WIDTH = 60;
  private static final int MOST_WIDTH = 120;
  private static final int[] DEFAULT_SIZE = {24, 80};

  private final PrintStream out;
  private final boolean live;
  private final boolean unicode;
  private final int width;
  private final int height;
  private int drawn;
  private boolean touched;

  private Terminal(PrintStream out, boolean live, boolean unicode, int width, int height) {
    this.out = out;
    this.live = live;
    this.unicode = unicode;
    this.width = width;
    this.height = height;
  }

  /** This process's stdout. */
  static Terminal system() {
    boolean unicode = canWrite(stdoutCharset(), "█░✓✗→…");
    Map<String, String> environment = System.getenv();
    boolean live =
        isTerminal()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb")
            && environment.getOrDefault("NO_COLOR", "").isEmpty();
    int[] size = live ? size() : DEFAULT_SIZE;
    // a block that wraps could not be drawn again in place
    return new Terminal(
        System.out,
        live && size[1] >= LEAST_WIDTH,
        unicode,
        Math.min(size[1], MOST_WIDTH) - 1,
        size[0]);
  }

  /** Plain lines into {@code out}, which takes any character. */
  static Terminal plain(PrintStream out) {
    return new Terminal(out, false, true, 79, 24);
  }

  private static Charset stdoutCharset() {
    String name =
        System.getProperty(
            "stdout.encoding",
            System.getProperty("sun.stdout.encoding", System.getProperty("native.encoding")));
    return name == null || !Charset.isSupported(name)
        ? StandardCharsets.US_ASCII
        : Charset.forName(name);
  }

  private static boolean canWrite(Charset charset, String text) {
    return charset.canEncode() && charset.newEncoder().canEncode(text);
  }

  @SuppressWarnings("SystemConsoleNull") // asked below, where the JDK can be asked
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // from JDK 22 on there is a console even where there is no terminal
      Method method = Console.class.getMethod("isTerminal");
      return (Boolean) method.invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /** Rows and columns. */
  private static int[] size() {
    try {
      Process stty =
          new ProcessBuilder("sh", "-c", "stty size </dev/tty")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (stty.waitFor(1, TimeUnit.SECONDS) && said.matches("[1-9]\\d{0,3} [1-9]\\d{0,3}\\s*")) {
        String[] numbers = said.strip().split(" ", 2);
        return new int[] {Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])};
      }
    } catch (IOException e) {
      return DEFAULT_SIZE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return DEFAULT_SIZE;
  }

  /** True when {@link #draw} shows something. */
  boolean isLive() {
    return live;
  }

  /** Columns a line may have. */
  int width() {
    return width;
  }

  /** A line that stays. */
  void line(String text) {
    out.println(text);
    out.flush();
    drawn = 0;
  }

  /** An empty line. */
  void line() {
    line("");
  }

  /**
   * Draws a block over the one drawn before, as much of it as there is room for; nothing where
   * output cannot be drawn over.
   */
  void draw(List<String> block) {
    if (!live) {
      return;
    }
    if (!touched) {
      touched = true;
      Runtime.getRuntime().addShutdownHook(new Thread(this::release, "howdah-terminal"));
    }
    List<String> lines = block.subList(0, Math.min(block.size(), height - 1));
    out.print(
        (drawn == 0 ? "\u001b[?25l" : "\u001b[" + drawn + "F")
            + lines.stream().map(line -> "\u001b[2K" + line).collect(Collectors.joining("\n"))
            + "\n\u001b[J");
    out.flush();
    drawn = lines.size();
  }

  /** Takes the drawn block away, so that lines that stay take its place. */
  void clear() {
    if (live && drawn > 0) {
      out.print("\u001b[" + drawn + "F\u001b[J");
    }
    release();
    drawn = 0;
  }

  /** Leaves the drawn block where it is and gives the cursor back. */
  void release() {
    if (live && touched) {
      out.print("\u001b[?25h");
      out.flush();
    }
  }

  String bold(String text) {
    return styled("1", text);
  }

  String faint(String text) {
    return styled("2", text);
  }

  String good(String text) {
    return styled("32", text);
  }

  String bad(String text) {
    return styled("31", text);
  }

  String doubtful(String text) {
    return styled("33", text);
  }

  private String styled(String code, String text) {
    return live ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  /** {@code unicode} where stdout can write it, otherwise {@code ascii}. */
  String glyph(String glyph, String ascii) {
    return unicode ? glyph : ascii;
  }

  /** A bar that is {@code done} of {@code all} full. */
  String bar(long done, long all, int cells) {
    int full = all == 0 ? 0 : (int) Math.min(cells, done * cells / all);
    return good(glyph("█", "#").repeat(full)) + faint(glyph("░", "-").repeat(cells - full));
  }

  /** Text from elsewhere, such as a file's name, with nothing in it that would steer a terminal. */
  static String safe(String text) {
    return text.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
  }

  /** {@code one file}, {@code 2 files}. */
  static String count(long number, String one, String many) {
    return number + " " + (number == 1 ? one : many);
  }
}
