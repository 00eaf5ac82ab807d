package io.howdah.dicom.camel;

import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.SendableFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;

/** Message bodies as instances. */
final class Sendable {
  private Sendable() {}

  /**
   * A path, a file, a text that names one, an instance, or any iterable of these; a directory
   * stands for the files below it.
   *
   * @throws IllegalArgumentException for anything else
   * @throws IOException when a file cannot be read
   */
  static SendableFiles of(Exchange exchange) throws IOException {
    Object body = exchange.getMessage().getBody();
    Iterable<?> items = body instanceof Iterable<?> many && !(body instanceof Path) ? many : null;
    List<Instance> instances = new ArrayList<>();
    List<Path> others = new ArrayList<>();
    for (Object item : items == null ? java.util.Collections.singletonList(body) : items) {
      if (item instanceof Instance instance) {
        instances.add(instance);
      } else {
        SendableFiles files = SendableFiles.of(List.of(path(item, exchange)));
        instances.addAll(files.instances());
        others.addAll(files.others());
      }
    }
    return new SendableFiles(instances, others);
  }

  private static Path path(Object item, Exchange exchange) {
    if (item instanceof Path path) {
      return path;
    }
    File file =
        item instanceof String text
            ? new File(text)
            : exchange.getContext().getTypeConverter().convertTo(File.class, exchange, item);
    if (file == null) {
      throw new IllegalArgumentException(
          "dicom:send takes files, paths, instances and lists of them, not "
              + (item == null ? "an empty body" : item.getClass().getName()));
    }
    return file.toPath();
  }
}
