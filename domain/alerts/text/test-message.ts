import type { Locale } from './alert-message.ts';

/** The message that tests a channel. */
export const testMessage = (locale: Locale): { readonly title: string; readonly markdown: string } =>
  locale === 'zh'
    ? { title: '天气提醒测试', markdown: '### 天气提醒测试\n\n收到这条消息，说明这个频道可以接收天气提醒。' }
    : {
        title: 'Test of the weather alerts',
        markdown: '### Test of the weather alerts\n\nThis channel can receive weather alerts.',
      };
