import io.howdah.dicom.sample.SampleFile;
import io.howdah.dicom.sample.SampleStudies;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * What an upload, a status and a page cost when the gateway holds a thousand studies and when it holds twenty thousand:
 * one connection, small objects, each followed to its 202; the medians and the CPU of the gateway over a window of 500
 * up to each count.
 *
 * <p>Usage: java -cp target/howdah.jar bench/growth/GrowthBench.java PORT PID TOTAL
 */
public final class GrowthBench {
  private static final int WINDOW = 500;
  private static final String BOUNDARY = "howdah-bench";
  private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static String base;
  private static byte[] object;

  public static void main(String[] args) throws Exception {
    base = "http://127.0.0.1:" + args[0];
    long pid = Long.parseLong(args[1]);
    int total = Integer.parseInt(args[2]);
    SampleFile sample = new SampleStudies(1).secondaryCapture().files().get(0);
    object = sample.bytes();
    Window early = null;
    Window late = null;
    for (int sent = 0; sent < total; sent += WINDOW) {
      Window window = window(pid, sent);
      if (sent + WINDOW == 1_000) {
        early = window;
      }
      late = window;
      if ((sent + WINDOW) % 2_000 == 0 || sent + WINDOW == 1_000) {
        System.out.println(window);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "the %d th against the 1000 th: upload %.2f x, CPU of the gateway %.2f x, status %.2f x, page %.2f x (goal 1.30)%n",
        total, late.upload / early.upload, late.cpu / early.cpu, late.status / early.status, late.page / early.page);
  }

  private record Window(int studies, double upload, double cpu, double status, double page, long resident) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%6d studies: upload %6.2f ms, CPU of the gateway %5.2f ms each, status %5.2f ms, page %6.2f ms, resident %d MB",
          studies, upload, cpu, status, page, resident);
    }
  }

  private static Window window(long pid, int from) throws Exception {
    double[] uploads = new double[WINDOW];
    String id = null;
    long cpu = cpu(pid);
    for (int i = 0; i < WINDOW; i++) {
      long begun = System.nanoTime();
      String answer = send(upload(from + i));
      uploads[i] = (System.nanoTime() - begun) / 1e6;
      int at = answer.indexOf("\"study_id\":\"") + 12;
      id = answer.substring(at, answer.indexOf('"', at));
    }
    // what is still on its way through the stages is part of an upload's cost
    while (!send(HttpRequest.newBuilder(URI.create(base + "/status/" + id))).contains("archived")) {
      Thread.sleep(20);
    }
    double each = (cpu(pid) - cpu) * 10.0 / WINDOW;
    return new Window(from + WINDOW, median(uploads), each, gets("/status/" + id), gets("/status?state=archived"), resident(pid));
  }

  private static double gets(String path) throws Exception {
    double[] times = new double[50];
    for (int i = 0; i < times.length; i++) {
      long begun = System.nanoTime();
      send(HttpRequest.newBuilder(URI.create(base + path)));
      times[i] = (System.nanoTime() - begun) / 1e6;
    }
    return median(times);
  }

  /** The same object under another SOP Instance UID: the last digits of it, wherever they are. */
  private static HttpRequest.Builder upload(int number) {
    byte[] file = object.clone();
    byte[] digits = String.format(Locale.ROOT, "%08d", 10_000_000 + number).getBytes();
    byte[] uid = uid();
    for (int at = 0; at + uid.length <= file.length; at++) {
      if (Arrays.equals(file, at, at + uid.length, uid, 0, uid.length)) {
        System.arraycopy(digits, 0, file, at + uid.length - 8, 8);
      }
    }
    byte[] before = ("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.dcm\"\r\n\r\n").getBytes();
    byte[] after = ("\r\n--" + BOUNDARY + "--\r\n").getBytes();
    byte[] body = Arrays.copyOf(before, before.length + file.length + after.length);
    System.arraycopy(file, 0, body, before.length, file.length);
    System.arraycopy(after, 0, body, before.length + file.length, after.length);
    return HttpRequest.newBuilder(URI.create(base + "/upload"))
        .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  /** (0002,0003) in Explicit VR Little Endian: 8 bytes of header, then the UID. */
  private static byte[] uid() {
    for (int at = 132; ; at++) {
      if (object[at] == 2 && object[at + 1] == 0 && object[at + 2] == 3 && object[at + 3] == 0 && object[at + 4] == 'U') {
        int length = object[at + 6] & 0xFF;
        byte[] uid = Arrays.copyOfRange(object, at + 8, at + 8 + length);
        return uid[length - 1] == 0 ? Arrays.copyOf(uid, length - 1) : uid;
      }
    }
  }

  private static String send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 300 || response.body().contains("\"duplicate\"")) {
      throw new IllegalStateException(response.statusCode() + " " + response.body());
    }
    return response.body();
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /** Hundredths of a second of CPU, of all threads, since the process began. */
  private static long cpu(long pid) throws Exception {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  private static long resident(long pid) throws Exception {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .sum();
  }
}
