package io.howdah.cli;

import io.howdah.dicom.camel.DicomEndpoint;
import io.howdah.dicom.net.StudySender;
import io.howdah.settings.Destination;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;

/** What a command needs to know of the gateway whose settings are here. */
final class Site {
  private Site() {}

  /** Who sends to a destination of the settings, as its batches are sent. */
  static StudySender destination(String name) {
    Destination destination =
        SettingsReader.read().destinations().stream()
            .filter(each -> each.name().equalsIgnoreCase(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new Unable(
                        "there is no howdah.destination."
                            + name
                            + ".uri in the settings; a peer is AET@HOST:PORT"));
    CamelContext camel = new DefaultCamelContext();
    try {
      if (camel.getEndpoint(destination.uri()) instanceof DicomEndpoint endpoint) {
        return endpoint.sender();
      }
      throw new Unable("destination " + name + " is no dicom: endpoint, it negotiates nothing");
    } finally {
      camel.stop();
    }
  }

  /** The archived objects of a study. */
  static List<Path> archived(String studyInstanceUid) {
    Settings settings = SettingsReader.read();
    List<Path> files = new ArrayList<>();
    try (Connection connection = DatabaseConnection.readOnly(settings.database());
        PreparedStatement query =
            connection.prepareStatement(
                "SELECT study_id FROM study WHERE study_uid = ? AND state = 'archived' ORDER BY seq")) {
      query.setString(1, studyInstanceUid);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          String id = rows.getString(1);
          files.add(
              settings.archive().path().resolve(id).resolve(settings.archive().fileNameOf(id)));
        }
      }
    } catch (SQLException | IOException e) {
      throw new Unable("the database cannot be read: " + e.getMessage(), e);
    }
    if (files.isEmpty()) {
      throw new Unable("the archive has no study " + studyInstanceUid);
    }
    return files;
  }
}
