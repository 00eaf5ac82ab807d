package io.howdah.dicom.sample;

import java.util.List;

/** A small synthetic study, its files in the order of the acquisition. */
public record SampleStudy(String description, String studyInstanceUID, List<SampleFile> files) {
  public SampleStudy {
    files = List.copyOf(files);
  }
}
