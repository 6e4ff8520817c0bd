-- What an administrator runs once (docs/postgres.md). The password is known to everybody, so it is good for nothing else.
CREATE ROLE leasehold LOGIN PASSWORD 'pair';
CREATE DATABASE leasehold;
\c leasehold
CREATE SCHEMA leasehold AUTHORIZATION leasehold;
