#!/bin/sh
# The users and databases, made once, when PostgreSQL has none: Temporal's two, and agno's with the approvals table. Each
# user owns its own and sees nothing of the other's.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set temporal_password="$TEMPORAL_DB_PASSWORD" --set agno_password="$AGNO_DB_PASSWORD" <<'SQL'
CREATE USER temporal PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE USER agno PASSWORD :'agno_password';
CREATE DATABASE agno OWNER agno;
REVOKE CONNECT ON DATABASE temporal, temporal_visibility, agno FROM PUBLIC;
SQL
