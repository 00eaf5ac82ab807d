package io.howdah.dicom.net;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * Measures both ends beside DCMTK in one run: {@code WireRates DIRECTORY COUNT ROWS ROUNDS}. Run by
 * hand; prints instances a second, the time of a run with one instance taken off.
 */
final class WireRates {
  private WireRates() {}

  public static void main(String[] args) throws Exception {
    Path base = Files.createDirectories(Path.of(args[0]));
    int count = Integer.parseInt(args[1]);
    int rows = Integer.parseInt(args[2]);
    int rounds = Integer.parseInt(args[3]);
    Path files = Files.createDirectories(base.resolve("in"));
    Path out = Files.createDirectories(base.resolve("out"));
    Path log = base.resolve("log");
    List<Instance> study = Objects.study(files, count, rows);
    Map<String, List<Double>> rates = new LinkedHashMap<>();
    Dcmtk scp = Dcmtk.storescp(out, log);
    AssociationServer plain = server(out, false);
    AssociationServer durable = server(out, true);
    Map<String, Sending> tasks = new LinkedHashMap<>();
    tasks.put("storescu  -> storescp", few -> tool(log, "storescu", scp.port(), few));
    tasks.put("dcmsend   -> storescp", few -> tool(log, "dcmsend", scp.port(), few));
    tasks.put("howdah    -> storescp", few -> howdah(scp.port(), 1, few));
    tasks.put("storescu  -> howdah", few -> tool(log, "storescu", plain.port(), few));
    tasks.put("dcmsend   -> howdah", few -> tool(log, "dcmsend", plain.port(), few));
    tasks.put("storescu  -> howdah fsync", few -> tool(log, "storescu", durable.port(), few));
    tasks.put("howdah    -> howdah", few -> howdah(plain.port(), 1, few));
    tasks.put("howdah 16 -> howdah", few -> howdah(plain.port(), 16, few));
    tasks.put("howdah    -> howdah fsync", few -> howdah(durable.port(), 1, few));
    tasks.put("howdah 16 -> howdah fsync", few -> howdah(durable.port(), 16, few));
    tasks.keySet().forEach(name -> rates.put(name, new ArrayList<>()));
    try {
      for (int round = -1; round < rounds; round++) {
        // another order each round, because each leaves work for the disk to the next
        List<String> names = new ArrayList<>(tasks.keySet());
        Collections.shuffle(names, new Random(round));
        for (String name : names) {
          measure(rates, round, name, study, out, tasks.get(name));
        }
      }
    } finally {
      scp.close();
      plain.close();
      durable.close();
    }
    double bytes = Files.size(study.get(0).file());
    rates.forEach(
        (name, all) -> {
          double[] sorted = all.stream().mapToDouble(d -> d).sorted().toArray();
          double median = sorted[sorted.length / 2];
          System.out.printf(
              Locale.ROOT,
              "%-28s %7.0f /s %7.1f MB/s   %s%n",
              name,
              median,
              median * bytes / 1e6,
              Arrays.toString(Arrays.stream(sorted).mapToLong(Math::round).toArray()));
        });
  }

  private interface Sending {
    void of(List<Instance> instances) throws Exception;
  }

  private static AssociationServer server(Path out, boolean durable) throws IOException {
    return AssociationServer.start(
        ServerSettings.of("ANY-SCP", "127.0.0.1", 0, PeerList.ALL),
        Offered.storage(new DirectorySink(out, durable)));
  }

  private static void measure(
      Map<String, List<Double>> rates,
      int round,
      String name,
      List<Instance> study,
      Path out,
      Sending sending)
      throws Exception {
    double one = seconds(out, () -> run(sending, study.subList(0, 1)));
    double all = seconds(out, () -> run(sending, study));
    if (round >= 0) {
      rates.get(name).add((study.size() - 1) / (all - one));
    }
  }

  private static Void run(Sending sending, List<Instance> instances) throws Exception {
    sending.of(instances);
    return null;
  }

  private static double seconds(Path out, Callable<Void> task) throws Exception {
    try (Stream<Path> old = Files.list(out)) {
      for (Path each : old.toList()) {
        Files.delete(each);
      }
    }
    long begin = System.nanoTime();
    task.call();
    return (System.nanoTime() - begin) / 1e9;
  }

  private static void tool(Path log, String tool, int port, List<Instance> instances)
      throws Exception {
    List<String> command =
        new ArrayList<>(List.of(tool, "-aec", "ANY-SCP", "127.0.0.1", String.valueOf(port)));
    instances.forEach(each -> command.add(each.file().toString()));
    int code = Dcmtk.run(log, command);
    if (code != 0) {
      throw new IllegalStateException(tool + " ended with " + code);
    }
  }

  private static void howdah(int port, int window, List<Instance> instances) {
    StudySender sender =
        new StudySender(
            new PeerAddress("127.0.0.1", port, "ANY-SCP", "HOWDAH"),
            AssociationSettings.DEFAULT.withWindow(window));
    sender.send(
        instances,
        (instance, outcome) -> {
          if (!outcome.stored()) {
            throw new IllegalStateException(outcome.toString());
          }
        });
  }
}
