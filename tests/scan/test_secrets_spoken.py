from __future__ import annotations

import pytest

from tests.scan.test_secrets_assigned import RANDOM, found

PASSWORD = "Kaktus!84tor"


@pytest.mark.parametrize(
    "text",
    [
        f"password for the server is {PASSWORD}",
        f'The password for bob is "{PASSWORD}".',
        f"the new password should be {PASSWORD}",
        f"I changed the password to {PASSWORD}",
        f"use {PASSWORD} as the password",
        f"log in with bob and password {PASSWORD}",
        f"username bob, password {PASSWORD}",
        f"login: bob / {PASSWORD}",
        f"логин: иван / {PASSWORD}",
        f"用户名：bob 密码：{PASSWORD}",  # noqa: RUF001 - its own colon
        f"user: bob! | {PASSWORD}",
        f"bob@example.org and her password {PASSWORD}",
        f"| password | {PASSWORD} |",
        f"Password\t{PASSWORD}",
        f"**Password:** {PASSWORD}",
        f"password -> {PASSWORD}",
        f"password - {PASSWORD}",
        f"password ({PASSWORD})",
        f"Zugangsdaten: bob / {PASSWORD}",
        f"Passwort für den Server: {PASSWORD}",
        f"Mot de passe du serveur : {PASSWORD}",
        f"mdp={PASSWORD}",
        f"clave: {PASSWORD}",
        f"a senha é {PASSWORD}",
        f"la password è {PASSWORD}",
        f"parola d'ordine: {PASSWORD}",
        f"Пароль от сервера: {PASSWORD}",
        f"мой пароль {PASSWORD}",
        f"пароль — {PASSWORD}",
        f"şifre: {PASSWORD}",
        f"Şifrem {PASSWORD}",
        f"密码：{PASSWORD}",  # noqa: RUF001 - its own colon
        f"密码是{PASSWORD}",
        f"パスワードは{PASSWORD}です",
        f"비밀번호는 {PASSWORD} 입니다",
        f"كلمة المرور: {PASSWORD}",
        f"كلمة السر هي {PASSWORD}",
        f"पासवर्ड है {PASSWORD}",
        f"wachtwoord: {PASSWORD}",
        f"hasło: {PASSWORD}",
    ],
)
def test_a_password_that_somebody_tells(text: str) -> None:
    assert found(text) == [("GENERIC_SECRET", PASSWORD)]


@pytest.mark.parametrize(
    "text",
    [
        f"token {RANDOM} works",
        f"The secret key we use is {RANDOM}, still",
        f"API-Key - {RANDOM}",
        f"*API key*: `{RANDOM}`",
        f'clave_api = "{RANDOM}"',
        f"chiave_api: {RANDOM}",
        f"токен: {RANDOM}",
        f"ключ API: {RANDOM}",
        f"API anahtarı: {RANDOM}",  # noqa: RUF001 - its own letter
        f"密钥: {RANDOM}",
        f"APIキー：{RANDOM}",  # noqa: RUF001 - its own colon
        f"API 키: {RANDOM}",
        f"مفتاح API: {RANDOM}",
        f"API कुंजी: {RANDOM}",
    ],
)
def test_a_key_that_somebody_tells(text: str) -> None:
    assert found(text) == [("GENERIC_SECRET", RANDOM)]


@pytest.mark.parametrize(
    "text",
    [
        "I forgot the password to Gmail2",
        "The password for Windows10 is lost",
        "password (8 characters)",
        "| password | VARCHAR2 |",
        "use Passw0rd rules as the password policy",
        "Use uppercase and digits for the password",
        "login: Bob / Alice",
        "my password was changed in Q42024!",
        "Passwort: mindestens 8 Zeichen, 1 Ziffer",
        "Passwort: siehe Kapitel 3.2",
        "Clave: RFC123",
        "mot de passe : 8 caractères minimum, 1 chiffre",
        "пароль должен содержать 8 символов и 1 цифру",
        "пароль от Windows11 забыт",
        "密码必须至少包含8个字符",
        "密码是Windows11的设置",
        "パスワードはWindows11の設定から",
        "비밀번호는 8자 이상이어야 합니다",
        "şifre en az 8 karakter",
        "كلمة المرور يجب أن تحتوي على 8 أحرف",
        "पासवर्ड कम से कम 8 अक्षर का हो",
        "токен доступа OAuth2",
        "token: 5eb4223e-50a8-46e5-be67-c7b8f2732305",
        f"csrf token: {RANDOM}",
        f"next-token - {RANDOM}",
        "see https://pkg.go.dev/a@v0.33.0/pkg/apis/stats/v1alpha1#FsStats",
    ],
)
def test_talk_of_passwords_stays_clean(text: str) -> None:
    assert found(text) == []
