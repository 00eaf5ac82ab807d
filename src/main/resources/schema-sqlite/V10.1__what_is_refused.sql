-- What the database itself refuses, whoever asks.
CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER audit_entry_remains BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER upload_session_remains BEFORE DELETE ON upload_session
BEGIN SELECT RAISE(ABORT, 'an upload session is never deleted'); END;
CREATE TRIGGER upload_session_facts_stay BEFORE UPDATE OF seq, session_id, visit_id, radiology_order_id, file_name, content_type,
  file_size, checksum, metadata, priority, manifest_id, max_retries, local_name, sealed, created_at ON upload_session
BEGIN SELECT RAISE(ABORT, 'what an upload session is about never changes'); END;
CREATE TRIGGER upload_session_goes_legal_ways BEFORE UPDATE OF state ON upload_session
WHEN NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM session_transition WHERE from_state = OLD.state AND to_state = NEW.state)
BEGIN SELECT RAISE(ABORT, 'an upload session does not go that way'); END;
