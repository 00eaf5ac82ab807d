package io.howdah.dicom.net;

/** Which roles the requestor of an association may play for a SOP class (PS3.7 §D.3.3.4). */
record RoleSelection(String sopClass, boolean scu, boolean scp) {}
