-- What the database itself refuses, whoever asks.
CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;
CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION refused('the audit trail is only added to');
CREATE TRIGGER audit_entry_remains BEFORE TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION refused('the audit trail is only added to');
CREATE TRIGGER upload_session_remains BEFORE DELETE ON upload_session
FOR EACH ROW EXECUTE FUNCTION refused('an upload session is never deleted');
CREATE TRIGGER upload_session_remains_whole BEFORE TRUNCATE ON upload_session
FOR EACH STATEMENT EXECUTE FUNCTION refused('an upload session is never deleted');
CREATE TRIGGER upload_session_facts_stay BEFORE UPDATE OF seq, session_id, visit_id, radiology_order_id, file_name, content_type,
  file_size, checksum, metadata, priority, manifest_id, max_retries, local_name, sealed, created_at ON upload_session
FOR EACH ROW EXECUTE FUNCTION refused('what an upload session is about never changes');
CREATE FUNCTION session_goes_legal_ways() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM session_transition WHERE from_state = OLD.state AND to_state = NEW.state) THEN
    RAISE EXCEPTION 'an upload session does not go that way';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER upload_session_goes_legal_ways BEFORE UPDATE ON upload_session
FOR EACH ROW EXECUTE FUNCTION session_goes_legal_ways();
