//! What is SQLite's alone: files, modes, other programs on the same file.
