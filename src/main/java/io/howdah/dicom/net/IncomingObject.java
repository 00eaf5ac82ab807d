package io.howdah.dicom.net;

/** An object a peer is about to send, as its C-STORE command announces it; UIDs are well-formed. */
public record IncomingObject(String sopClass, String sopInstance, String transferSyntax) {}
