/**
 * DICOM on the wire: the upper layer (PS3.8) and the message services (PS3.7) a gateway needs, as
 * service class user ({@link io.howdah.dicom.net.Association}, {@link
 * io.howdah.dicom.net.StudySender}) and as provider ({@link
 * io.howdah.dicom.net.AssociationServer}). Blocking sockets, one thread an association; every
 * length, count and wait has a bound. Knows nothing of Camel or SQL and never looks at pixels.
 */
package io.howdah.dicom.net;
