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

  @Metadata(
      description = "What the peer asks: C-STORE, N-CREATE or N-SET",
      label = "consumer",
      javaType = "String")
  public static final String OPERATION = "CamelDicomOperation";

  @Metadata(description = "What the peer calls itself", label = "consumer", javaType = "String")
  public static final String CALLING_AE_TITLE = "CamelDicomCallingAeTitle";

  @Metadata(description = "What the peer calls us", label = "consumer", javaType = "String")
  public static final String CALLED_AE_TITLE = "CamelDicomCalledAeTitle";

  @Metadata(description = "The peer's address", label = "consumer", javaType = "String")
  public static final String ADDRESS = "CamelDicomAddress";

  @Metadata(description = "The SOP class of an object", label = "consumer", javaType = "String")
  public static final String SOP_CLASS = "CamelDicomSopClass";

  @Metadata(
      description = "The SOP instance of an object or procedure step",
      label = "consumer",
      javaType = "String")
  public static final String SOP_INSTANCE = "CamelDicomSopInstance";

  @Metadata(
      description = "The transfer syntax of an object",
      label = "consumer",
      javaType = "String")
  public static final String TRANSFER_SYNTAX = "CamelDicomTransferSyntax";

  @Metadata(
      description =
          "What the peer is answered: a number, or hexadecimal digits such as A700; 0000 when not set",
      label = "consumer",
      javaType = "Object")
  public static final String STATUS = "CamelDicomStatus";

  private DicomConstants() {}
}
