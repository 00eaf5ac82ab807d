package io.howdah.pacsupload;

import java.util.Map;

/** The upload as JMX shows it. */
public interface PacsUploadMXBean {
  /** What is the matter with pacs.db, the store and the cloud. */
  Map<String, String> getHealth();

  /** How many rows of pacs.db are in each state. */
  Map<String, Long> getCounts();

  /** How many images wait for which reason. */
  Map<String, Long> getWaiting();

  /** Sets a failed image back to be uploaded; how many were. */
  int requeue(String sopInstanceUid);

  /** Sets every failed image back to be uploaded; how many were. */
  int requeueFailed();
}
