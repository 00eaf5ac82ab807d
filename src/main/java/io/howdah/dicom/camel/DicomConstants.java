package io.howdah.dicom.camel;

import org.apache.camel.spi.Metadata;

/** The message headers of the {@code dicom:} component. */
public final class DicomConstants {
  @Metadata(
      description = "Hears of each instance on the sending thread as soon as its outcome is known",
      label = "producer",
      javaType = "io.howdah.dicom.net.StoreListener")
  public static final String STORE_LISTENER = "CamelDicomStoreListener";

  @Metadata(
      description = "How many associations an exchange took",
      label = "producer",
      javaType = "int")
  public static final String ASSOCIATIONS = "CamelDicomAssociations";

  @Metadata(
      description = "How many instances the peer said it has",
      label = "producer",
      javaType = "int")
  public static final String STORED = "CamelDicomStored";

  @Metadata(
      description = "How many instances are not known to be stored",
      label = "producer",
      javaType = "int")
  public static final String NOT_STORED = "CamelDicomNotStored";

  @Metadata(
      description = "The Study Instance UID a query is about; empty for peers that do without",
      label = "producer",
      javaType = "String")
  public static final String STUDY_UID = "CamelDicomStudyUid";

  @Metadata(
      description = "The Series Instance UID a query is about; empty for peers that do without",
      label = "producer",
      javaType = "String")
  public static final String SERIES_UID = "CamelDicomSeriesUid";

  @Metadata(
      description = "The transaction UID of a commitment request; made when not given",
      label = "producer",
      javaType = "String")
  public static final String TRANSACTION_UID = "CamelDicomTransactionUid";

  private DicomConstants() {}
}
