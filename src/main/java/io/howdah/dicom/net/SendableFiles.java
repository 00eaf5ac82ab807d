package io.howdah.dicom.net;

import io.howdah.dicom.DicomReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files as they can be sent, in the order given.
 *
 * @param instances what a peer can be offered
 * @param others files that do not say what they are
 */
public record SendableFiles(List<Instance> instances, List<Path> others) {
  public SendableFiles {
    instances = List.copyOf(instances);
    others = List.copyOf(others);
  }

  /**
   * Reads the header of each file; a directory stands for the files below it, by name.
   *
   * @throws IOException when one cannot be read
   */
  public static SendableFiles of(Iterable<Path> paths) throws IOException {
    DicomReader reader = new DicomReader();
    List<Instance> instances = new ArrayList<>();
    List<Path> others = new ArrayList<>();
    for (Path path : paths) {
      for (Path file : below(path)) {
        Instance.read(file, reader).ifPresentOrElse(instances::add, () -> others.add(file));
      }
    }
    return new SendableFiles(instances, others);
  }

  private static List<Path> below(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.walk(path)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
